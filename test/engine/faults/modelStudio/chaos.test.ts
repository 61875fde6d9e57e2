// The same suite as for iMini, at Model Studio.
import './here';
import '../../chaos.test';
