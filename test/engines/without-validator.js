// CDK's own validator judges every environment when it is synthesized, before the tests, and the matrices of the long
// ones. Here templates are looked at by tests, and loading it takes four seconds in each of their files.
process.env.CDK_VALIDATION = 'false';
