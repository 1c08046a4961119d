/** The commands that judge an assembly or run it here: one bundle, which brings the engines' clients. */
export { drill } from './drill';
export { guard } from './guard';
export { up } from './up';
