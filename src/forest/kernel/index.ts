export { configure, layout } from './layout'
export { advance, drop, initialise, scoreOnly } from './forest'
export { adopt, plant, recount } from './learn-again'
export { decode, encode } from './codec'
