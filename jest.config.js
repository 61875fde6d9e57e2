const { availableParallelism } = require('node:os');

// Another n8n-core than the installed one, with all it needs: scripts/test-latest.ts sets it
const engineModules = process.env.ENGINE_MODULES;

/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	// Never a stopwatch: a busy machine may take its time
	testTimeout: 60_000,
	// Not the root: in .cache and dist lie other copies of the same packages
	roots: ['<rootDir>/test', '<rootDir>/tools', '<rootDir>/nodes', '<rootDir>/credentials'],
	testMatch: ['<rootDir>/{test,tools}/**/*.test.ts'],
	// On its own, and at each service: jest.long.config.js
	testPathIgnorePatterns: ['/node_modules/', '/chaos\\.test\\.'],
	transform: {
		'\\.(ts|js)$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
	},
	// The only ES modules among the packages that node and tests import
	transformIgnorePatterns: ['/node_modules/(?!(p-limit|yocto-queue|@ai-sdk|@workflow)/)'],
	// The node must see the engine's own copy of each of these: their classes are compared and looked up by identity
	moduleNameMapper: engineModules
		? { '^(n8n-core|n8n-workflow|@n8n/di|reflect-metadata)$': `${engineModules}/$1` }
		: {},
	// `npm run coverage`
	collectCoverageFrom: ['nodes/**/*.ts', 'credentials/**/*.ts'],
	// Tests often wait, for a clock or the disk: more workers than cores keep the cores busy
	maxWorkers: Math.ceil(availableParallelism() * 1.5),
	coverageThreshold: { global: { branches: 95 } },
};
