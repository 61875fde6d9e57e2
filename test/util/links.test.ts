// Whether a link of this n8n can be fetched from the internet.
import { isPublicAddress } from '../../nodes/HappyHorse/util/links';

const words = (...lines: string[]) => lines.flatMap((line) => line.split(' '));

it.each(
	words(
		'n8n.example.com n8n.example.com:5678 local.example.com localhost.example.com mylocal.example',
		'fc00.example.com 10.example.com 8.8.8.8 11.0.0.1 172.15.0.1 172.32.0.1 100.63.0.1 100.128.0.1',
		'192.169.0.1 [2001:4860:4860::8888]',
	),
)('%s can be fetched', (host) => {
	expect(isPublicAddress(`https://${host}/rest/binary-data/signed?token=x`)).toBe(true);
	expect(isPublicAddress(`http://${host}/`)).toBe(true);
});

it.each(
	words(
		'localhost:5678 LOCALHOST localhost. n8n.localhost n8n:5678 n8n.local n8n.local. n8n.lan',
		'n8n.home.arpa n8n.internal host.docker.internal n8n.svc.cluster.local 127.0.0.1:5678 127.1',
		'0x7f.0.0.1 2130706433 0.0.0.0 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.1.2',
		'169.254.169.254 100.64.0.1 100.127.0.1 [::1]:5678 [::] [fc00::1] [fd12:3456::1] [fe80::1]',
		'[::ffff:192.168.0.1] localhost:9000 minio:9000 nas nas.local. nas.localdomain 0x7f000001',
		'017700000001 198.18.0.1 239.1.1.1 255.255.255.255 [fd00::1] [ff02::1] [::ffff:10.0.0.1] v.test',
		'happyhorse.invalid.invalid abc.onion fritz.box 192.0.2.1 192.88.99.1 198.51.100.7 203.0.113.7',
		'[::7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::a00:1] [2002:7f00:1::] [2001:0:53aa::1]',
		'[2001:db8::1] [100::1] ①②⑦.⓪.⓪.①',
	),
)('%s can not be fetched', (host) => {
	expect(isPublicAddress(`http://${host}/`)).toBe(false);
});

it.each(['not a link', ''])('no link can not be fetched: %j', (text) => {
	expect(isPublicAddress(text)).toBe(false);
});
