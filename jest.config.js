/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.cache'],
	transform: { '\\.(ts|js)$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
	// The only ES modules among the packages that the node itself imports
	transformIgnorePatterns: ['/node_modules/(?!(p-limit|yocto-queue)/)'],
	// n8n-core keeps sockets and timers open
	forceExit: true,
};
