export { arrange, configure, layout } from './layout'
export { advance, assembleQuery, drop, initialise, scoreOnly } from './forest'
export { adopt, plant, recount } from './learn-again'
export { decode, encode } from './codec'
