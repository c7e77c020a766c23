import { COMMANDS } from './commands/index.ts';
import { runCommand } from './run-command.ts';

process.exitCode = await runCommand(COMMANDS, process.argv.slice(2));
