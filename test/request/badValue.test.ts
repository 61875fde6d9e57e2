// How a message shows a value that a field must not have.
import { shown } from '../../nodes/HappyHorse/request/badValue';

it('shows neither the content of a data: URL nor the query of a link', () => {
	expect(shown('data:image/gif;base64,R0lGODlhSECRET')).toBe('"data:image/gif;base64,…"');
	expect(shown('https://a.example/x?signature=SECRET')).toBe('"https://a.example/x?…"');
});

it('cuts what is long', () => {
	expect(shown('x'.repeat(100))).toBe(`"${'x'.repeat(60)}…"`);
});
