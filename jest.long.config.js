// The longest suites, `npm run test:long`: chaos at each service, and the fault suites at the second one. A suite knows
// its service by the global SERVICE (test/engine/service.ts).
const base = require('./jest.config.js');

const at = (service, ...suites) => ({
	displayName: service,
	globals: { SERVICE: service },
	testMatch: suites.map((suite) => `<rootDir>/test/engine/${suite}.test.ts`),
	roots: base.roots,
	testEnvironment: base.testEnvironment,
	transform: base.transform,
	transformIgnorePatterns: base.transformIgnorePatterns,
	moduleNameMapper: base.moduleNameMapper,
});

/** @type {import('jest').Config} */
module.exports = {
	testTimeout: base.testTimeout,
	maxWorkers: base.maxWorkers,
	projects: [at('imini', 'chaos'), at('modelStudio', 'chaos', 'faults/!(hostile)')],
};
