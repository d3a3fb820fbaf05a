// The wiring of a Postfix: every smtpd(8) service with its policy requests, read by postconf(1).

import { smtpdServices, valuesIn } from './master.ts';
import { type PostconfOptions, postconf } from './postconf.ts';
import { classNames, PARAMETERS, type ServiceWiring, serviceWiring } from './service-wiring.ts';

/**
 * postconf expands `$name` with the `-o` options of each service, as smtpd(8) does.
 * @throws PostconfError
 */
export async function readWiring(options: PostconfOptions): Promise<readonly ServiceWiring[]> {
  const [main, services, overrides] = await Promise.all([
    postconf([], options),
    postconf(['-M'], options),
    postconf(['-P'], options),
  ]);
  const known = valuesIn(main);
  const level = Number.parseFloat(known.get('compatibility_level') ?? '');
  const wirings: ServiceWiring[] = [];
  for (const service of smtpdServices(services, overrides, !(level >= 1))) {
    const given = [...service.overrides].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const expanded = async (names: readonly string[]) => {
      const asked = names.filter((name) => known.has(name) || service.overrides.has(name));
      return asked.length === 0 ? new Map() : valuesIn(await postconf(['-x', ...given, ...asked], options));
    };
    const parameters = await expanded(PARAMETERS);
    const classes = await expanded(classNames(parameters));
    wirings.push(serviceWiring(service, new Map([...parameters, ...classes])));
  }
  return wirings;
}
