/** What a module's page that shares its origin with the desktop does not reach. */
import { reachesNobody } from './reaches-nobody.ts';

reachesNobody();
