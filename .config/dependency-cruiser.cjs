// The walls of the house. Rooms hear of each other through the journal and answer with commands;
// these rules keep it so. docs/ARCHITECTURE.md repeats every comment; test/house/boundaries.spec.ts
// seeds a violation of every rule and sees it fire.

/** The parts of the service start and stop in this order; a module adds its own. It knows no room. */
const LIFESPAN = 'boot/lifespan.ts';
/** How a message's events stand in the journal: shared by the writer and by those who read them. */
const MESSAGE_STREAM = 'lifecycle/message-stream.ts';
/** How far accepting is ahead of sending and reading: readers tell it how far they are. */
const BACKLOG = 'lifecycle/backlog.ts';
/** What this process's appends led to: spares read models the way there. */
const RECENT_STATES = 'lifecycle/recent-states.ts';

/**
 * Which other rooms, or single files of them, a room may import, as a table. `lifecycle` is the
 * command port (message-lifecycle.ts), `journal` the journal port; what is behind them is kept in
 * by the rules below. Rooms that are not in the table (boot, main.ts, app.module.ts, tests) put the
 * others together and may import anything.
 */
const MAY_IMPORT = {
  // Plumbing: knows no room.
  clock: [],
  memory: [],
  config: ['clock'],
  health: ['clock', 'config'],
  http: ['clock', 'config', 'health', 'journal'],
  postgres: ['clock', 'config', 'health'],
  // The corridor and its reader.
  journal: ['clock', 'config', 'health', 'memory', 'postgres'],
  subscription: ['clock', 'config', 'health', 'journal', 'postgres'],
  // The domain and its command side.
  message: [],
  lifecycle: ['clock', 'config', 'health', 'journal', 'memory', 'message'],
  // The rooms a message meets, in that order.
  intake: ['clock', 'config', 'health', 'http', 'journal', 'lifecycle', 'message', LIFESPAN],
  smpp: [
    'clock',
    'config',
    'health',
    'http',
    'journal',
    'lifecycle',
    'memory',
    'message',
    'projections',
    'subscription',
    LIFESPAN,
  ],
  fallback: ['clock', 'config', 'health', 'lifecycle', 'message', 'projections', 'subscription', LIFESPAN],
  voice: [
    'clock',
    'config',
    'health',
    'http',
    'lifecycle',
    'message',
    'projections',
    'subscription',
    LIFESPAN,
  ],
  publish: ['clock', 'config', 'health', 'journal', MESSAGE_STREAM, 'message', 'subscription', LIFESPAN],
  status: ['clock', 'config', 'health', 'http', 'journal', MESSAGE_STREAM, 'message', 'projections'],
  projections: [
    ...[
      'clock',
      'config',
      'health',
      'journal',
      MESSAGE_STREAM,
      BACKLOG,
      RECENT_STATES,
      'memory',
      'message',
      'postgres',
      'subscription',
    ],
    LIFESPAN,
  ],
};

const pathOf = (place) => {
  if (place.endsWith('.ts')) return `^src/${place.replace('.ts', '\\.ts')}$`;
  return place === 'projections' ? '^projections/' : `^src/${place}/`;
};
const SPEC = '\\.spec\\.ts$';
/** The program behind `npm run projections`: a composition of its own, beside the service. */
const REBUILD = '^projections/main\\.ts$';
/** Where the parts are put together: adapters are named here and in tests, nowhere else. */
const COMPOSITION = ['\\.module\\.ts$', '^src/boot/', '^src/main\\.ts$', REBUILD, SPEC];

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment:
        'No file may reach itself through its imports: a cycle has no first reader and no order of loading.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'Every import leads somewhere: what cannot be resolved cannot be judged by the rules below.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^node:' },
    },
    {
      name: 'message-is-pure',
      comment:
        'The domain imports nothing outside its room: no Nest, no driver, no clock, no Node module. ' +
        'msisdn.ts alone may ask libphonenumber-js, which is data and arithmetic.',
      severity: 'error',
      from: { path: '^src/message/', pathNot: [SPEC, '^src/message/msisdn\\.ts$'] },
      to: { pathNot: '^src/message/' },
    },
    {
      name: 'message-is-pure',
      comment:
        'The domain imports nothing outside its room: no Nest, no driver, no clock, no Node module. ' +
        'msisdn.ts alone may ask libphonenumber-js, which is data and arithmetic.',
      severity: 'error',
      from: { path: '^src/message/msisdn\\.ts$' },
      to: { pathNot: ['^src/message/', '(^|/)node_modules/libphonenumber-js/'] },
    },
    {
      name: 'journal-knows-no-domain',
      comment:
        'The journal moves streams, revisions and positions; it never learns what a message is, so that ' +
        'an adapter can be replaced without reading the domain.',
      severity: 'error',
      from: { path: '^src/journal/', pathNot: SPEC },
      to: {
        path: ['^src/', '^projections/'],
        pathNot: ['^src/journal/', ...MAY_IMPORT.journal.map(pathOf)],
      },
    },
    ...Object.entries(MAY_IMPORT)
      // These two rooms have a rule of their own, above.
      .filter(([room]) => room !== 'message' && room !== 'journal')
      .map(([room, others]) => ({
        name: 'rooms-meet-at-the-journal',
        comment:
          'A room hears of work by reading the journal (or a read model) and answers by sending a command; ' +
          'it never calls another room. Who may import whom is the table MAY_IMPORT.',
        severity: 'error',
        from: { path: pathOf(room), pathNot: [SPEC, REBUILD] },
        to: {
          path: ['^src/', '^projections/'],
          pathNot: [pathOf(room), ...others.map(pathOf)],
        },
      })),
    {
      name: 'rooms-meet-at-the-journal',
      comment:
        'Of boot a room sees lifespan.ts alone, where it leaves what must be started and stopped; ' +
        'lifespan.ts itself imports nothing of the service.',
      severity: 'error',
      from: { path: pathOf(LIFESPAN) },
      to: { path: ['^src/', '^projections/'] },
    },
    {
      name: 'only-listed-rooms',
      comment:
        'A new folder under src/ is a new room: it gets its row in MAY_IMPORT before it imports anything.',
      severity: 'error',
      from: {
        path: '^src/[^/]+/',
        pathNot: [SPEC, '^src/boot/', '^src/simulators/', ...Object.keys(MAY_IMPORT).map(pathOf)],
      },
      to: { path: ['^src/', '^projections/'] },
    },
    {
      name: 'ports-not-adapters',
      comment:
        'Code holds ports; an adapter is named only where the parts are put together (*.module.ts, boot, ' +
        'tests), so that changing it changes one line.',
      severity: 'error',
      from: {
        path: '^(src|projections)/',
        pathNot: [
          ...COMPOSITION,
          '^src/journal/(postgres|memory|eventstoredb)/',
          '^src/voice/africas-talking/',
        ],
      },
      to: { path: ['^src/journal/(postgres|memory|eventstoredb)/', '^src/voice/africas-talking/'] },
    },
    {
      name: 'ports-not-adapters',
      comment:
        'Code holds ports; an adapter is named only where the parts are put together (*.module.ts, boot, ' +
        'tests), so that changing it changes one line.',
      severity: 'error',
      from: { path: '^src/journal/(postgres|memory|eventstoredb)/', pathNot: SPEC },
      to: {
        path: '^src/journal/(postgres|memory|eventstoredb)/',
        pathNot: '^src/journal/$1/',
      },
    },
    {
      name: 'commands-go-through-the-port',
      comment:
        'Outside its room the command side is message-lifecycle.ts and its errors; how commands are handled ' +
        'is its own business. message.handler.ts is the same for the command bus, message-stream.ts says how ' +
        'their events stand in the journal, backlog.ts how far accepting is ahead of sending, ' +
        'recorded-feed.ts what this process has just made durable, recent-states.ts what that led to.',
      severity: 'error',
      from: { path: '^(src|projections)/', pathNot: ['^src/lifecycle/', ...COMPOSITION] },
      to: {
        path: '^src/lifecycle/',
        pathNot:
          '^src/lifecycle/(message-lifecycle|message\\.handler|message-stream|backlog|recorded-feed|recent-states|lifecycle\\.errors|lifecycle\\.module)\\.ts$',
      },
    },
    {
      name: 'one-smpp-door',
      comment:
        'The npm package smpp is codec and constants, reached through src/smpp/link.ts alone: its session ' +
        'has no window, no response timeout and no back-pressure.',
      severity: 'error',
      from: { path: '^(src|projections)/', pathNot: '^src/smpp/link\\.ts$' },
      to: { path: '(^|/)node_modules/smpp/' },
    },
    {
      name: 'one-kafka-door',
      comment:
        'The npm package kafkajs is reached through src/publish/kafka-producer.ts and the cure of its idle ' +
        'timer alone, so that another client is another FeedProducer.',
      severity: 'error',
      from: {
        path: '^(src|projections)/',
        pathNot: '^src/publish/kafka-(producer|idle-timer)(\\.spec)?\\.ts$',
      },
      to: { path: '(^|/)node_modules/kafkajs/' },
    },
    {
      name: 'simulators-stand-alone',
      comment:
        'A simulator is the far end: it shares the clock with the service and no other code, or a mistake ' +
        'in our codec would answer itself.',
      severity: 'error',
      from: { path: '^src/simulators/([^/]+)/', pathNot: SPEC },
      to: { path: ['^src/', '^projections/'], pathNot: ['^src/simulators/$1/', '^src/clock/'] },
    },
    {
      name: 'simulators-stand-alone',
      comment:
        'A simulator is the far end: nothing in the service imports it; boot starts it as a process of its own.',
      severity: 'error',
      from: { path: '^(src|projections)/', pathNot: ['^src/simulators/', '^src/boot/', SPEC] },
      to: { path: '^src/simulators/' },
    },
    {
      name: 'clock-only',
      comment:
        'Timers, the time of day and random octets come from src/clock, so that a run can be repeated.',
      severity: 'error',
      from: { path: '^(src|projections)/', pathNot: ['^src/clock/', SPEC] },
      to: { path: '^(node:)?(timers|timers/promises|perf_hooks)$' },
    },
    {
      name: 'clock-only',
      comment:
        'The virtual clock is for specs and simulation, the real one is chosen where the parts are put together.',
      severity: 'error',
      from: { path: '^(src|projections)/', pathNot: ['^src/clock/', '^src/simulators/', ...COMPOSITION] },
      to: { path: '^src/clock/(system|virtual)-clock\\.ts$' },
    },
    {
      name: 'tests-stay-outside',
      comment: 'Code that runs in the service imports neither test code nor a specification.',
      severity: 'error',
      from: { path: '^(src|projections)/', pathNot: SPEC },
      to: { path: ['^test/', SPEC] },
    },
    {
      name: 'shipped-dependencies-only',
      comment:
        'What the service imports at run time is in `dependencies`: the image is installed without the rest.',
      severity: 'error',
      from: { path: '^(src|projections)/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types are dependencies too: a room that names another room's types has been told its secrets.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.json'],
    },
  },
};
