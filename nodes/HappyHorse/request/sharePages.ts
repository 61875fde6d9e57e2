// Links that people share: they open a page about a file, where the service needs the file. How to get that.

/** A website with pages about files. */
interface SharingSite {
	/** As people call it. */
	readonly name: string;
	/** Its host names; those that end in one of them count as well. */
	readonly hosts: readonly string[];
	/** Which of its links open a page. Without: all. */
	isPage?(url: URL): boolean;
	/** How to get the file itself: a whole sentence. */
	readonly advice: string;
}

/** Whether the last part of a path has the extension of an image or a video. */
function namesFile({ pathname }: Pick<URL, 'pathname'>): boolean {
	return /\.(jpe?g|png|webp|mp4|mov)$/i.test(pathname.slice(-10));
}

const DOWNLOAD_AND_BINARY =
	'Download the file in n8n (node HTTP Request or the one of this site) and choose Binary File as the source, or upload it to a place with direct links.';

const SITES: readonly SharingSite[] = [
	{
		name: 'Google Drive',
		hosts: ['drive.google.com', 'docs.google.com'],
		isPage: ({ pathname, searchParams }) =>
			!/^\/(u\/\d+\/)?(uc|thumbnail)$/.test(pathname.slice(0, 50)) && !searchParams.has('export'),
		advice:
			'Use https://drive.google.com/uc?export=download&id=… with the ID of the file, shared with anyone who has the link; or download it with the Google Drive node and choose Binary File as the source.',
	},
	{
		name: 'Google Photos',
		hosts: ['photos.google.com', 'photos.app.goo.gl'],
		advice: DOWNLOAD_AND_BINARY,
	},
	{
		name: 'Dropbox',
		hosts: ['dropbox.com'],
		isPage: ({ searchParams }) => searchParams.get('dl') !== '1' && searchParams.get('raw') !== '1',
		advice: 'Write dl=1 in place of dl=0 at the end of the link (or add it).',
	},
	{
		name: 'OneDrive or SharePoint',
		hosts: ['onedrive.live.com', '1drv.ms', 'sharepoint.com'],
		isPage: ({ pathname, searchParams }) =>
			searchParams.get('download') !== '1' &&
			!pathname.startsWith('/download') &&
			!pathname.startsWith('/_layouts/15/download.aspx') &&
			!namesFile({ pathname }),
		advice:
			'Add download=1 to the link, after ? or &; or download the file with the Microsoft OneDrive node and choose Binary File as the source.',
	},
	{
		name: 'iCloud',
		hosts: ['icloud.com'],
		advice: DOWNLOAD_AND_BINARY,
	},
	{ name: 'WeTransfer', hosts: ['wetransfer.com', 'we.tl'], advice: DOWNLOAD_AND_BINARY },
	{
		name: 'Imgur',
		hosts: ['imgur.com'],
		isPage: (url) => url.hostname !== 'i.imgur.com' && !namesFile(url),
		advice:
			'Use the link of the image itself: it starts with https://i.imgur.com/ and ends in .jpg or .png.',
	},
	{
		name: 'GitHub',
		hosts: ['github.com'],
		isPage: ({ pathname, searchParams }) =>
			pathname.includes('/blob/') && searchParams.get('raw') !== 'true',
		advice: 'Write /raw/ in place of /blob/ in the link.',
	},
	...[
		['YouTube', ['youtube.com', 'youtu.be', 'youtube-nocookie.com']],
		['Vimeo', ['vimeo.com']],
		['TikTok', ['tiktok.com']],
		['Instagram', ['instagram.com']],
		['Facebook', ['facebook.com', 'fb.watch']],
		['X', ['x.com', 'twitter.com']],
	].map(
		([name, hosts]): SharingSite => ({
			name: String(name),
			hosts: [hosts].flat(),
			isPage: (url) => !namesFile(url),
			advice: 'It opens a page with a player. Upload the file itself to a place with direct links.',
		}),
	),
];

/** What a link opens in place of a file. */
export interface SharePage {
	readonly site: string;
	readonly advice: string;
}

/** The page that a link opens, if it is one of the websites that are known here. */
export function sharePage(link: string): SharePage | undefined {
	if (!URL.canParse(link)) return undefined;
	const url = new URL(link);
	const host = url.hostname.replace(/\.$/, '');
	const site = SITES.find(({ hosts }) =>
		hosts.some((one) => host === one || host.endsWith(`.${one}`)),
	);
	if (site === undefined || site.isPage?.(url) === false) return undefined;
	return { site: site.name, advice: site.advice };
}
