/** What a module's page with an origin of its own does not reach. */
import { reachesNobody } from './reaches-nobody.ts';
import { test } from './scene.ts';

test.use({ moduleOrigin: 'http://{id}.localhost:PORT' });

reachesNobody();
