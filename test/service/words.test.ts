// The readable words of an answer that is no JSON.
import { plainWords } from '../../nodes/HappyHorse/service/details';

it.each<[string, string, string | undefined]>([
	['words in tags of their own', '<h1>Bad</h1><p>gateway</p>', 'Bad gateway'],
	['words in several lines', '<body>\n  Bad \t gateway\n</body>', 'Bad gateway'],
	['styles and scripts', '<style>b{}</style>Bad<script>x</script>gateway', 'Bad gateway'],
	['plain text', 'no healthy upstream', 'no healthy upstream'],
	['tags alone', '<html><hr></html>', undefined],
	['nothing', '', undefined],
])('of a page only its words are left: %s', (_what, page, words) => {
	expect(plainWords(page)).toBe(words);
});
