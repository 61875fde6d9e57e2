// The video to edit: a link, or a file of the input item that the service fetches from this n8n.
import { invalidInput } from '../failure';
import { FILE_TYPE_BYTES, startsAsVideo } from '../fileType';
import type { ByteSource, Limits, SourceVideo } from '../order';
import { INPUT_FIELD } from '../settings';
import { mustBe } from './badValue';
import { checkCount } from './images';
import type { InputFile, InputItem } from './inputItem';
import { isPublicAddress } from './publicAddress';
import { isWebAddress, parseChoice, parseLinks, parseNames, SOURCES } from './values';

async function headOf(source: ByteSource): Promise<Buffer> {
	let head = Buffer.alloc(0);
	for await (const piece of source) {
		head = Buffer.concat([head, piece]);
		if (head.length >= FILE_TYPE_BYTES) break;
	}
	return head;
}

async function checkVideoFile(file: InputFile, { videoBytes }: Limits): Promise<void> {
	const fix = 'Use an MP4 or MOV file.';
	const size = await file.size();
	if (size === 0) throw invalidInput(`The video ${file.name} is empty`, fix);
	if (size > videoBytes) {
		const most = `${videoBytes / 1024 / 1024} MB (${videoBytes} bytes)`;
		throw invalidInput(
			`The video ${file.name} has ${size} bytes; it must have at most ${most}`,
			'Use a smaller video.',
		);
	}
	if (!startsAsVideo(await headOf(await file.open()))) {
		throw invalidInput(`The video ${file.name} is not an MP4 or MOV file`, fix);
	}
}

/** A link of this n8n that the service can fetch. @throws Failure where there can be none. */
function publicLink(file: InputFile): string {
	const link = file.signedLink();
	if (!isPublicAddress(link)) {
		const { host } = new URL(link);
		throw invalidInput(
			`The video ${file.name} can't be fetched by the service: the address of this n8n, ${host}, is not on the internet`,
			'Set N8N_EDITOR_BASE_URL (or WEBHOOK_URL) to the public address of this n8n, or put the video somewhere public and use its URL.',
		);
	}
	return link;
}

/** The video to edit, checked. @throws Failure */
export async function videoToEdit(item: InputItem, limits: Limits): Promise<SourceVideo> {
	const only = { min: 1, max: 1 };
	if (parseChoice('Video Source', item.value('videoSource') ?? 'url', SOURCES) === 'binary') {
		const field = item.value('videoBinaryPropertyName') ?? INPUT_FIELD;
		const names = parseNames('Input Binary Field', field);
		checkCount('Input Binary Field', names.length, only, 'field name');
		const file = item.file(names[0]);
		await checkVideoFile(file, limits);
		publicLink(file);
		// Made again when the order is sent: it is good for a limited time only
		return { kind: 'file', link: () => publicLink(file) };
	}
	const links = parseLinks('Video URL', item.value('videoUrl'));
	checkCount('Video URL', links.length, only, 'video');
	const [url] = links;
	if (!isWebAddress(url))
		throw mustBe('Video URL', 'a URL that starts with https:// or http://', url);
	return { kind: 'link', url };
}
