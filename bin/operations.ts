/** The commands about what is deployed: one bundle, which brings the clients of AWS. */
export { cost } from './cost';
export { doctor } from './doctor';
export { deployedDrill } from './operation/deployed-drill';
export { status } from './status';
