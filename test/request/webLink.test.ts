// Links that the service is to fetch: made whole, or refused with what else to do.
import fc from 'fast-check';
import { parseLinks } from '../../nodes/HappyHorse/request/lists';
import { sharePage } from '../../nodes/HappyHorse/request/sharePages';
import type { Reach } from '../../nodes/HappyHorse/request/webLink';
import { dataUrlBytes, parseWebLink } from '../../nodes/HappyHorse/request/webLink';
import { expectCpuBelow, failureOf, TEXT_MS } from './hostile';

const parse = (text: string, reach: Reach = 'internet') => parseWebLink('Image URL', text, reach);
const failure = (text: string) => failureOf(() => parse(text));

describe('a link in ASCII stays byte for byte', () => {
	it.each([
		'https://a.example/1.png',
		'HTTPS://A.Example:443/../x/./1.png',
		'https://a.example/a%20b%C3%BC.png?X-Amz-Signature=a%2Fb+c%3D&x=1,2;3#top',
		'https://a.example/a%20b%zz.png?sig=%2f',
		"https://a.example/(1)'!*~[2]|{3}^`\\.png",
		'https://[2001:4860:4860::8888]/1.png',
		'https://a.example?x=https://b.example/ü'.replace('ü', '%C3%BC'),
	])('%s', (link) => expect(parse(link)).toBe(link));

	it('whatever it is', () => {
		fc.assert(
			fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (link) => {
				const ascii = new URL(link).href;
				if (sharePage(ascii) === undefined) expect(parse(ascii, 'anywhere')).toBe(ascii);
			}),
			{ numRuns: 200 },
		);
	});
});

describe('blanks and letters beyond ASCII are percent-encoded', () => {
	it.each([
		['https://a.example/a b.png', 'https://a.example/a%20b.png'],
		['https://a.example/ä%20b.png?q=ä&s=%2F', 'https://a.example/%C3%A4%20b.png?q=%C3%A4&s=%2F'],
		['https://a.example/马🐴.png', 'https://a.example/%E9%A9%AC%F0%9F%90%B4.png'],
		['https://münchen.example/ü.png', 'https://xn--mnchen-3ya.example/%C3%BC.png'],
		['https://a.example/\ud800.png', 'https://a.example/%EF%BF%BD.png'],
		['https://a.example/a\u00a0b.png', 'https://a.example/a%C2%A0b.png'],
	])('%s', (link, sent) => expect(parse(link)).toBe(sent));
});

describe('what is no link is said to be none', () => {
	it.each([
		'a.example/1.png',
		'ftp://a.example/1.png',
		'https://',
		'https:///1.png',
		'https://?x',
		'https:/a.example',
		'https://a b/1.png',
		'https://a:b:c/',
		'https://[::1/1.png',
		'https://a.example/a\nb.png',
		'https://a.example/a\0b.png',
		'javascript:alert(1)',
		'see https://a.example/1.png',
	])('%j', (text) => {
		expect(failure(text)?.message).toMatch(
			/^Image URL must be a URL that starts with https:\/\/ or http:\/\/, but is "/,
		);
	});

	it('also when it is too long for any server', () => {
		const link = `https://a.example/?${'x'.repeat(8200)}`;
		expect(failure(link)?.message).toBe(
			'Image URL must be a URL of at most 8192 characters, but is "https://a.example/?…"',
		);
		expect(parse(link.slice(0, 8192))).toBe(link.slice(0, 8192));
	});

	it.each(['[', 'a:', ',', ' ', '\u200b', 'https://', 'data:', '[]', '"', '\n'])(
		'in a moment, also when it is megabytes of %j',
		async (piece) => {
			const text = piece.repeat(16_000_000 / piece.length);
			await expectCpuBelow(TEXT_MS, () =>
				failureOf(() => parseLinks('Image URL', text).map((link) => parse(link))),
			);
		},
	);

	it('its user, password and query are not shown', () => {
		expect(failure('https://me:SECRET@a b/?SECRET')?.message).toMatch(/"https:\/\/…@a b\/\?…"$/);
	});

	it.each([
		[
			'base64',
			'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
		],
		["n8n's name of a file", 'filesystem-v2:workflows/w/executions/1/binary_data/x'],
		["n8n's name of a file on S3", 's3:workflows/w/executions/1/binary_data/x'],
		["n8n's name of a file in its database", 'database:1234'],
	])('where it is %s, Binary File is advised', (_what, text) => {
		expect(failure(text)?.description).toContain('Choose Binary File as the source');
		expect(failure('s3://bucket/a.png')?.description).not.toContain('Binary File');
	});
});

describe('a host that is not on the internet', () => {
	// util/links.test.ts has all of them
	const PRIVATE = [
		'http://LOCALHOST./v.mp4',
		'http://minio:9000/v.mp4',
		'http://0x7f000001/v.mp4',
		'http://[fe80::1]/v.mp4',
		'http://[4000::1]/v.mp4',
		'http://[fec0::1]/v.mp4',
		'http://[2001:20::1]/v.mp4',
		'http://①②⑦.⓪.⓪.①/v.mp4',
	];

	it.each(PRIVATE)('is refused: %s', (link) => {
		const found = failure(link);
		expect(found?.message).toBe(
			`Image URL can't be fetched by the service: its host, ${new URL(link).host}, is not on the internet`,
		);
		expect(found?.description).toContain('Choose Binary File as the source');
	});

	it('is taken where the service is on one as well', () => {
		for (const link of PRIVATE.slice(0, -1)) expect(parse(link, 'anywhere')).toBe(link);
	});

	it.each([
		'http://8.8.8.8/v.mp4',
		'https://a.example/localhost',
		'https://a.contest/v.mp4',
		'https://[2001:4860:4860::8888]/v.mp4',
		'https://[2001:200::1]/v.mp4',
		'https://[3001::1]/v.mp4',
	])('is none of these: %s', (link) => expect(parse(link)).toBe(link));
});

it('a link of a dry run is good in another one alone', () => {
	const link = 'https://happyhorse.invalid/dry_run_1.mp4';
	expect(parse(link, 'dryRun')).toBe(link);
	expect(() => parse(link, 'anywhere')).toThrow(
		'Image URL comes from a dry run, and leads nowhere',
	);
});

it.each([
	'https://me:SECRET@a.example/1.png',
	'https://SECRET@a.example/1.png',
	'http://me:SECRET@localhost/1.png',
])('a user name or password is refused, and not shown: %s', (link) => {
	const { message = '', description = '' } = failure(link) ?? {};
	expect(message).toBe(
		'Image URL holds a user name or password before its @, which is not supported',
	);
	expect(message + description).not.toContain('SECRET');
});

describe('a page about a file', () => {
	it.each([
		['https://drive.google.com/file/d/1AbC/view?usp=sharing', 'Google Drive', 'uc?export'],
		['https://drive.google.com/open?id=1AbC', 'Google Drive', 'uc?export=download&id='],
		['https://drive.google.com/drive/folders/1AbC', 'Google Drive', 'uc?export=download&id='],
		['https://DRIVE.google.com/file/u/0/d/1AbC/preview', 'Google Drive', 'uc?export'],
		['https://docs.google.com/uc/../file/d/1/edit', 'Google Drive', 'uc?export'],
		['https://www.dropbox.com/s/abc/a.png?dl=0', 'Dropbox', 'dl=1'],
		['https://www.dropbox.com/scl/fi/abc/a.png?rlkey=x', 'Dropbox', 'dl=1'],
		['https://1drv.ms/i/s!Abc', 'OneDrive or SharePoint', 'download=1'],
		['https://onedrive.live.com/?id=1&cid=2', 'OneDrive or SharePoint', 'download=1'],
		['https://x-my.sharepoint.com/:i:/g/p/x/Abc?e=1', 'OneDrive or SharePoint', 'download=1'],
		['https://x.sharepoint.us/:i:/s/p/Abc', 'OneDrive or SharePoint', 'download=1'],
		['https://app.box.com/s/abc', 'Box', 'Binary File'],
		['https://photos.app.goo.gl/Abc', 'Google Photos', 'Binary File'],
		['https://photos.google.com/share/Abc', 'Google Photos', 'Binary File'],
		['https://www.icloud.com/iclouddrive/0abc', 'iCloud', 'Binary File'],
		['https://share.icloud.com/photos/0abc', 'iCloud', 'Binary File'],
		['https://we.tl/t-Abc', 'WeTransfer', 'Binary File'],
		['https://wetransfer.com/downloads/abc', 'WeTransfer', 'Binary File'],
		['https://x.wetransfer.com/downloads/abc', 'WeTransfer', 'Binary File'],
		['https://imgur.com/a/abc', 'Imgur', 'i.imgur.com'],
		['https://imgur.com/gallery/abc', 'Imgur', 'i.imgur.com'],
		['https://github.com/a/b/blob/main/c.png', 'GitHub', '/raw/'],
		['https://github.com/a/b/blob/main/c.png?download=1', 'GitHub', '/raw/'],
		['https://www.youtube.com/watch?v=abc', 'YouTube', 'direct links'],
		['https://youtu.be/abc', 'YouTube', 'direct links'],
		['https://m.youtube.com/shorts/abc', 'YouTube', 'direct links'],
		['https://vimeo.com/123', 'Vimeo', 'direct links'],
		['https://www.tiktok.com/@a/video/1', 'TikTok', 'direct links'],
		['https://www.instagram.com/p/abc/', 'Instagram', 'direct links'],
		['https://www.instagram.com/some.body/reel/abc/', 'Instagram', 'direct links'],
		['https://x.com/a/status/1', 'X', 'direct links'],
		['https://twitter.com./a/status/1', 'X', 'direct links'],
	])('is refused, with the way to the file: %s', (link, site, advice) => {
		const found = failure(link);
		expect(found?.message).toBe(`Image URL opens a page of ${site}, not the file itself`);
		expect(found?.description).toContain(advice);
	});

	it.each([
		'https://drive.google.com/uc?export=download&id=1AbC',
		'https://drive.google.com/uc?id=1AbC',
		'https://drive.google.com/thumbnail?id=1AbC&sz=w1000',
		'https://drive.usercontent.google.com/download?id=1AbC&export=download',
		'https://lh3.googleusercontent.com/d/1AbC',
		'https://www.dropbox.com/s/abc/a.png?dl=1',
		'https://www.dropbox.com/scl/fi/abc/a.png?rlkey=x&raw=1',
		'https://dl.dropboxusercontent.com/s/abc/a.png',
		'https://x-my.sharepoint.com/:i:/g/personal/x/Abc?e=1&download=1',
		'https://api.onedrive.com/v1.0/shares/u!abc/root/content',
		'https://i.imgur.com/abc.png',
		'https://imgur.com/abc.jpg',
		'https://github.com/a/b/raw/main/c.png',
		'https://github.com/a/b/blob/main/c.png?raw=true',
		'https://raw.githubusercontent.com/a/b/main/c.png',
		'https://i.ytimg.com/vi/abc/hqdefault.jpg',
		'https://video.twimg.com/a.mp4',
		'https://contoso-my.sharepoint.com/personal/ann/_layouts/15/download.aspx?UniqueId=1&tempauth=x',
		'https://contoso.sharepoint.com/sites/Marketing/_layouts/15/download.aspx?UniqueId=1',
		"https://contoso.sharepoint.com/sites/M/_api/web/GetFileById('1')/$value",
		'https://contoso.sharepoint.com/sites/M/Shared%20Documents/a.png',
		'https://onedrive.live.com/personal/1/_layouts/15/download.aspx?UniqueId=1',
		'https://onedrive.live.com/download?cid=1&resid=2',
		'https://onedrive.live.com/download.aspx?resid=2',
		'https://my.microsoftpersonalcontent.com/personal/1/_layouts/15/download.aspx?UniqueId=1',
		'https://drive.google.com/u/0/uc?id=1AbC&export=download',
		'https://drive.google.com/drive-viewer/AbC=s1600',
		'https://docs.google.com/uc?export=download&id=1',
		'https://docs.google.com/presentation/d/1/export/png',
		'https://docs.google.com/presentation/export?id=1&exportFormat=png',
		'https://dl.dropbox.com/s/abc/a.png',
		'https://www.dropbox.com/s/dl/abc/a.png',
		'https://www.dropbox.com/s/raw/abc/a.png',
		'https://download.wetransfer.com/eugv/abc/a.mp4?token=x',
		'https://app.box.com/shared/static/abc.png',
		'https://imgur.com/download/abc',
		'https://github.com/a/b/releases/download/v1/a.mp4',
		'https://github.com/a/b/assets/1/2',
		'https://player.vimeo.com/progressive_redirect/playback/1/rendition/720p/file.mp4?loc=external',
		'https://player.vimeo.com/external/123.hd.mp4?s=x',
		'https://www.instagram.com/p/abc/media/?size=l',
		'https://x.com/images/a.png',
		'https://netflix.com/a.mp4',
		'https://notdropbox.com/a.png',
	])('is none: %s', (link) => expect(parse(link)).toBe(link));
});

describe('the content of a data: URL', () => {
	const read = (url: string) => dataUrlBytes('X', url);
	const start = 'data:image/png;base64,';

	it('comes back as it was, in lines and with the alphabet of URLs too', () => {
		fc.assert(
			fc.property(
				fc.uint8Array({ maxLength: 3000 }),
				fc.integer({ min: 1, max: 80 }),
				(content, width) => {
					const file = Buffer.from(content);
					const base64 = file.toString('base64');
					const lines = base64.match(new RegExp(`.{1,${width}}`, 'g'))?.join('\r\n') ?? '';
					expect(read(start + base64).equals(file)).toBe(true);
					expect(read(start + lines).equals(file)).toBe(true);
					expect(read(start + file.toString('base64url')).equals(file)).toBe(true);
				},
			),
			{ numRuns: 50 },
		);
	});

	it.each([
		['another character', 'AAA*'],
		['padding inside', 'AA==AAAA'],
		['a letter too few', 'AAAAA'],
		['letters beyond ASCII', 'AAAÄ'],
	])('with %s is refused', (_what, base64) => {
		expect(() => read(start + base64)).toThrow('X is a data URL whose content is not base64');
	});
});
