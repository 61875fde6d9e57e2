// Former names of what is in images.ts, for tests that still use them.
export * from './images';
export { imageFile as picture, noisyImage as noisyPicture } from './images';
