"""Takes the two shared libraries and the C headers out of a TensorFlow wheel: unpack-libtensorflow.py WHEEL FOLDER."""
import os
import re
import shutil
import sys
import zipfile

LIBRARY = re.compile(r"tensorflow/(libtensorflow_(?:cc|framework)\.so\.2)$")
HEADER = re.compile(r"tensorflow/(include/(?:tensorflow/(?:c|core/platform)|tsl/(?:c|platform))/.*\.h)$")

wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        library, header = LIBRARY.match(name), HEADER.match(name)
        if not (library or header):
            continue
        path = os.path.join(folder, "lib", library[1]) if library else os.path.join(folder, header[1])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(name) as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
