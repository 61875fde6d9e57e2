// Films of all kinds for tests, in test/mp4/files: `npx tsx test/mp4/films.ts` makes them anew, with ffmpeg.
/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- a test tool: it runs in Node, never in n8n */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = join(__dirname, 'files');

const has = (tool: string): boolean => {
	try {
		execFileSync(tool, ['-version'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
};

/** Whether ffmpeg and ffprobe are there to judge. */
export const hasFfmpeg = has('ffmpeg') && has('ffprobe');

const picture = (size = '96x64', rate = '25', seconds = 2): string[] =>
	`-f lavfi -i testsrc2=size=${size}:rate=${rate}:duration=${seconds}`.split(' ');
const tone = (seconds = 2, rate = 48000, hertz = 440): string[] =>
	`-f lavfi -i sine=frequency=${hertz}:sample_rate=${rate}:duration=${seconds}`.split(' ');
const words = (text: string): string[] => text.split(' ');

const H264 = words('-c:v libx264 -threads 1 -pix_fmt yuv420p -crf 40 -preset fast -g 12');
const AAC = words('-c:a aac -b:a 32k -ac 2');
const INDEX_FIRST = words('-movflags +faststart');

/** How each film is made: arguments of ffmpeg. `<name>` stands for a film above it. */
const RECIPES: Record<string, string[]> = {
	'plain.mp4': [...picture(), ...tone(), ...H264, ...AAC, ...INDEX_FIRST],
	'index-last.mp4': [...picture(), ...tone(2, 48000, 660), ...H264, ...AAC],
	'silent.mp4': [...picture(), ...H264, '-bf', '0'],
	'fragmented.mp4': [...picture(), ...tone(), ...H264, ...AAC, ...words('-movflags frag_keyframe')],
	'fragmented-empty-index.mp4': [
		...picture(),
		...tone(),
		...H264,
		...AAC,
		...words('-movflags frag_keyframe+empty_moov+default_base_moof'),
	],
	'recorder.mp4': [
		...words('-f lavfi -i color=c=navy:size=640x360:rate=10:duration=10'),
		...H264,
		...words('-movflags frag_keyframe'),
	],
	'quicktime.mov': [...picture(), ...tone(), ...H264, ...AAC],
	'turned.mp4': [...words('-i <plain.mp4> -c copy -metadata:s:v:0 rotate=90')],
	'wide-pixels.mp4': [...picture(), ...words('-vf setsar=4/3'), ...H264],
	'one-a-second.mp4': [...picture('96x64', '1', 5), ...H264],
	'long-sound.mp4': [...picture(), ...tone(3), ...H264, ...AAC],
	'short-sound.mp4': [...picture(), ...tone(1), ...H264, ...AAC],
	'ntsc.mp4': [...picture('96x64', '30000/1001'), ...tone(), ...H264, ...AAC],
	'other-settings.mp4': [
		...picture('96x64', '30'),
		...tone(),
		...words('-c:v libx264 -threads 1 -pix_fmt yuv420p -crf 42 -profile:v baseline -g 10'),
		...AAC,
	],
	'open-gop.mp4': [...picture(), ...tone(), ...H264, '-x264-params', 'open-gop=1', ...AAC],
	'hevc.mp4': [
		...picture(),
		...words('-c:v libx265 -pix_fmt yuv420p -crf 40 -tag:v hvc1 -x265-params'),
		'log-level=none:pools=1:frame-threads=1',
	],
	'larger.mp4': [...picture('128x64'), ...tone(), ...H264, ...AAC],
	'mono.mp4': [...picture(), ...tone(), ...H264, ...words('-c:a aac -b:a 24k -ac 1')],
	'44100.mp4': [...picture(), ...tone(2, 44100), ...H264, ...AAC],
	'mono-short.mp4': [...picture(), ...tone(1), ...H264, ...words('-c:a aac -b:a 24k -ac 1')],
	'opus.mp4': [...picture(), ...tone(), ...H264, ...words('-c:a libopus -b:a 24k')],
	'camera.mov': [...picture('96x64', '25', 1), ...tone(1, 8000), ...H264, '-c:a', 'pcm_s16le'],
	'trimmed.mp4': words('-ss 0.7 -i <plain.mp4> -c copy'),
	'voice.m4a': [...tone(3, 44100), ...words('-c:a aac -b:a 24k -ac 1')],
	'voice.aac': [...tone(3, 44100), ...words('-c:a aac -b:a 24k -ac 1 -f adts')],
	'voice.mp3': [...tone(1, 44100), ...words('-c:a libmp3lame -b:a 32k -ac 1')],
	'voice-22050.mp3': [...tone(1, 22050), ...words('-c:a libmp3lame -b:a 16k -ac 1')],
};

const BIT_EXACT = words('-map_metadata 0 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact');

export const FILMS = Object.keys(RECIPES);

/** The path of a film. */
export const filmPath = (name: string): string => join(FILES, name);

/** The bytes of a film. */
export const film = (name: string): Buffer => readFileSync(filmPath(name));

/** The output of ffmpeg or ffprobe as text. */
export const run = (tool: 'ffmpeg' | 'ffprobe', args: string[]): string =>
	execFileSync(tool, ['-v', 'error', ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });

if (require.main === module) {
	for (const [name, recipe] of Object.entries(RECIPES)) {
		const args = recipe.map((arg) => arg.replace(/^<(.+)>$/, (_, other) => filmPath(other)));
		run('ffmpeg', ['-y', ...args, ...BIT_EXACT, filmPath(name)]);
	}
}
