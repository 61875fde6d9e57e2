// To be imported before a suite: it runs at Model Studio then.
import { runAt } from '../../service';

runAt('modelStudio');
