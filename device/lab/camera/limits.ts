import { setTimeout as sleep } from 'node:timers/promises';
import type { Checks } from '../checks.ts';
import { sharedFolder } from './machine.ts';
import type { Service } from './service.ts';

const memoryMax = 2 ** 30;

/** A program in the control group of the service takes too much memory, or too many tasks. */
export async function tryLimits(checks: Checks, service: Service): Promise<void> {
  await service.configure('{source: demo, fps: 5}');
  await service.restart();
  await checks.within(240, 'frames of the demo source advance', () => service.missingFrames());
  await tasks(checks, service);
  await memory(checks, service);
}

async function tasks(checks: Checks, service: Service): Promise<void> {
  const before = await service.life();
  const ending = greedy(service, 'tasks');
  await sleep(10_000);
  const current = Number(await inGroup(service, 'cat pids.current'));
  await service.machine.run('pkill', '-KILL', '-f', '/vision/main.js');
  const forks = /^(\d+) tasks, then: (.*)$/m.exec(await ending);
  checks.report(forks !== null, `a program that starts one task after another is refused (${forks?.[0]})`);
  checks.report(current > 200 && current <= 256, `the service has ${current} tasks then, at most 256`);
  await checks.within(120, 'the vision process was killed meanwhile; afterwards frames advance', () =>
    service.missingFrames(),
  );
  const { restarts, lastRestart } = (await service.state()).vision;
  checks.report(restarts > 0, `restarts of the vision process: ${restarts} (${lastRestart})`);
  const now = await service.life();
  checks.report(now.pid === before.pid, `without a restart of the service (NRestarts ${now.restarts})`);
}

async function memory(checks: Checks, service: Service): Promise<void> {
  const before = await service.life();
  const output = await greedy(service, 'memory');
  const events = await inGroup(service, 'cat memory.events');
  const peak = Number(await inGroup(service, 'cat memory.peak'));
  const kills = Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);
  const reached = /(\d+) MB\s*$/.exec(output)?.[1];
  console.log(`memory.events: ${events.replaceAll('\n', ', ')}`);
  checks.report(!output.includes('all of it'), `a program that takes 1.5 GB has got ${reached} MB when it is ended`);
  checks.report(peak <= memoryMax, `the service had at most ${Math.round(peak / 2 ** 20)} MiB, limit 1024`);
  // Above MemoryHigh the kernel slows a program down so much that it hardly reaches MemoryMax.
  const held = Number(/^high (\d+)$/m.exec(events)?.[1] ?? 0);
  checks.report(kills + held > 0, `the kernel has ended ${kills} process, and held one back ${held} times`);
  await checks.within(120, 'afterwards frames advance', () => service.missingFrames());
  const now = await service.life();
  checks.report(now.pid === before.pid, `without a restart of the service (NRestarts ${now.restarts})`);
}

/** Runs greedy.py in the control group of the service. @returns its output, whatever its end was */
function greedy(service: Service, what: 'memory' | 'tasks'): Promise<string> {
  return inGroup(
    service,
    `echo $$ > cgroup.procs; timeout -s KILL 150 python3 ${sharedFolder}/greedy.py ${what} || true`,
  );
}

async function inGroup(service: Service, command: string): Promise<string> {
  return service.machine.shell('cd /sys/fs/cgroup/$(systemctl show -p ControlGroup --value mien)', command);
}
