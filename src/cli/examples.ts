/** What `--help` of each command shows to copy: what it does, and the command. A test parses every one of them. */
export const CLI_EXAMPLES: Readonly<Record<string, readonly (readonly [what: string, command: string])[]>> = {
  run: [
    ['a pipeline on your Kafka', 'tidegauge run checkout.yaml --brokers localhost:9092'],
    ['a file instead of Kafka, until it ends', 'tidegauge run checkout.yaml --embedded --input samples.jsonl'],
    ['samples from a pipe', 'kcat -C -t metrics | tidegauge run checkout.yaml --embedded --input -'],
  ],
  demo: [
    ['everything, until Ctrl-C', 'tidegauge demo'],
    ['a minute and a half, without Kafka', 'tidegauge demo --embedded --for 90s'],
  ],
  check: [
    ['all files that one process runs', 'tidegauge check pipelines/*.yaml'],
    ['the tests beside them, without a broker', 'tidegauge check --test pipelines/*.yaml'],
  ],
  topics: [
    ['what is read and written, and what is missing', 'tidegauge topics checkout.yaml --brokers localhost:9092'],
    ['the same, creating what is missing', 'tidegauge topics checkout.yaml --brokers localhost:9092 --create'],
  ],
  backtest: [
    ['what would it have said?', 'tidegauge backtest metrics.csv --out results'],
    ['a folder with labels', 'tidegauge backtest NAB/data --out results --labels NAB/labels/combined_windows.json'],
    [
      'a week of a topic, as a pipeline would have judged it',
      'tidegauge backtest --topic metrics --from 2026-03-01 --to 2026-03-08 --pipeline checkout.yaml --brokers localhost:9092 --out results',
    ],
  ],
  feedback: [
    [
      'that hour was an incident: unlearn it',
      'tidegauge feedback incident --pipeline checkout --series q4Zx0Kc2mB9vT1Lw --from 2026-03-01T12:00:00Z --to 2026-03-01T13:00:00Z',
    ],
  ],
  models: [
    ['publish a model; running processes adopt it', 'tidegauge models publish model.bin --pipeline checkout'],
    ['go back to the one before', 'tidegauge models rollback --pipeline checkout'],
  ],
  train: [
    [
      'a model of hourly series, a day ahead',
      'tidegauge train --data series.jsonl --horizon 24 --freq h --out model.bin',
    ],
  ],
  forecast: [
    [
      'train, forecast the held back end, and compare',
      'tidegauge forecast --train train.jsonl --test test.jsonl --horizon 48 --freq h --out forecasts.jsonl',
    ],
  ],
  accuracy: [
    [
      'the last three days of hourly series',
      'tidegauge accuracy --data series.jsonl --windows 3 --horizon 24 --freq h',
    ],
  ],
  schema: [['the records of the scores topic', 'tidegauge schema scores']],
  completion: [
    ['bash, from now on', "echo 'source <(tidegauge completion bash)' >> ~/.bashrc"],
    ['zsh, from now on', "echo 'source <(tidegauge completion zsh)' >> ~/.zshrc"],
    ['fish', 'tidegauge completion fish > ~/.config/fish/completions/tidegauge.fish'],
  ],
}

/** The examples of a command as lines for `--help`; empty when it has none. */
export function examplesText(command: string): string {
  const examples = CLI_EXAMPLES[command] ?? []
  if (examples.length === 0) return ''
  return `Examples:\n${examples.map(([what, line]) => `  # ${what}\n  ${line}`).join('\n')}`
}
