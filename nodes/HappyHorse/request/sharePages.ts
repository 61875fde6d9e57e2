// Links that people share: they open a page about a file, where the service needs the file. How to get that.

const BY_FILE =
	'Download the file in n8n (node HTTP Request or the one of this site) and choose Binary File as the source, or upload it to a place with direct links.';
const NO_PLAYER =
	'It opens a page with a player. Upload the file itself to a place with direct links.';

/**
 * Websites, how people call them; which of their hosts and paths certainly open a page; how to get the file; and what in a
 * path or query makes it a file all the same. A link of which that is not sure is let through.
 */
const SITES: ReadonlyArray<readonly [name: string, page: RegExp, advice: string, file?: RegExp]> = [
	[
		'Google Drive',
		/^(drive|docs)\.google\.com\/(a\/[^/]+\/|u\/\d+\/)?(file|open|drive|folderview|document|spreadsheets|presentation|forms)(\/|\?|$)/,
		'Use https://drive.google.com/uc?export=download&id=… with the ID of the file, shared with anyone who has the link; or download it with the Google Drive node and choose Binary File as the source.',
		/[/?&](export|output)\b|alt=media/,
	],
	[
		'Dropbox',
		/^dropbox\.com\/(s|scl|sh|t|transfer|home|preview)\//,
		'Write dl=1 in place of dl=0 at the end of the link (or add it).',
		/[?&](dl|raw)=1|\/s\/(dl|raw)\//,
	],
	[
		'OneDrive or SharePoint',
		/^(1drv\.ms\/|onedrive\.live\.com\/(\?|redir|embed|edit|view|photos|$)|([\w-]+\.)*(sharepoint|live)\.\w+\/(.*\/)?(:\w:\/|_layouts\/15\/|forms\/\w+\.aspx))/,
		'Add download=1 to the link, after ? or &; or download the file with the Microsoft OneDrive node and choose Binary File as the source.',
		/[?&]download=1|\/_layouts\/15\/download\.aspx/,
	],
	[
		'Imgur',
		/^(m\.)?imgur\.com\/((a|gallery|t)\/|\w+(\?|$))/,
		'Use the link of the image itself: it starts with https://i.imgur.com/ and ends in .jpg or .png.',
		/\.\w{3,4}(\?|$)|\/download\//,
	],
	[
		'GitHub',
		/^github\.com\/[^/]+\/[^/]+\/blob\//,
		'Write /raw/ in place of /blob/ in the link.',
		/[?&]raw=(true|1)/,
	],
	['Box', /^([\w-]+\.)*box\.com\/(s|file|folder)\//, BY_FILE],
	['Google Photos', /^(photos\.google\.com|photos\.app\.goo\.gl)\//, BY_FILE],
	['iCloud', /^(share\.)?icloud\.com\/(iclouddrive|photos|sharedalbum|attachment)\b/, BY_FILE],
	['WeTransfer', /^(([\w-]+\.)?wetransfer\.com\/downloads|we\.tl)\//, BY_FILE],
	['YouTube', /^((m|music)\.)?youtu(\.be|be(-nocookie)?\.com)\//, NO_PLAYER],
	['Vimeo', /^(player\.)?vimeo\.com\/(video\/)?\d+(\/\w*)?(\?|$)/, NO_PLAYER],
	['TikTok', /^((m\.)?tiktok\.com\/@[^/]+\/video|v[mt]\.tiktok\.com)\//, NO_PLAYER],
	['Instagram', /^instagram\.com\/([\w.]+\/)?(p|reel|reels|tv|stories)\//, NO_PLAYER, /\/media\//],
	['Facebook', /^(\w+\.)?facebook\.com\/(watch|reel|photo|share|.*\/videos\/)/, NO_PLAYER],
	['Facebook', /^fb\.watch\//, NO_PLAYER],
	['X', /^((m|mobile)\.)?(x|twitter)\.com\/\w+\/status\//, NO_PLAYER],
];

/** The page that a link opens, if it is of a website that is known here. `advice`: how to get the file, a whole sentence. */
export function sharePage(link: string): { site: string; advice: string } | undefined {
	const { hostname, pathname, search } = new URL(link);
	const host = hostname.replace(/^www\./, '').replace(/\.$/, '');
	const text = (host + pathname + search).toLowerCase();
	const found = SITES.find(([, page, , file]) => page.test(text) && file?.test(text) !== true);
	return found && { site: found[0], advice: found[2] };
}
