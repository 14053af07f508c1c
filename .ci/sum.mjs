// Closes a CI run: names what was skipped and what went wrong, then prints the one line that is
// read by machines. Usage: sum.mjs <jest report> <exit code of the checks> <exit code of the tests>
import { readFileSync } from 'node:fs';

const [report, checks, tests] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

/** Passed and failed tests, skipped ones by name. A file that could not run counts as one failure. */
function sumOf(path) {
  let run;
  try {
    run = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.log(
      `The tests left no readable report (${error.code ?? error.message}); they ended with ${tests}.`,
    );
    return { passed: 0, failed: 1, skipped: [] };
  }
  const skipped = run.testResults.flatMap((file) =>
    file.assertionResults.filter((test) => test.status === 'pending').map((test) => test.fullName),
  );
  return { passed: run.numPassedTests, failed: run.numFailedTests + run.numRuntimeErrorTestSuites, skipped };
}

const { passed, failed, skipped } = sumOf(report);
for (const name of skipped) console.log(`skipped: ${name}`);
if (checks !== 0) console.log(`npm run check ended with ${checks}: see its findings above.`);
// Jest can fail without a failed test (a threshold, a leak, a limit): then its exit code tells.
if (tests !== 0 && failed === 0) console.log(`npm test ended with ${tests} although no test failed.`);
if (passed === 0) console.log('No test passed: a run without tests proves nothing.');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = checks !== 0 || tests !== 0 || failed > 0 || passed === 0 ? 1 : 0;
