import { runProgram } from './run-program.ts'

/** Runs a TypeScript program in a process of its own and resolves with the JSON that it prints. */
export async function programOutput(file: string, env: NodeJS.ProcessEnv): Promise<unknown> {
  const { code, stdout, stderr } = await runProgram(file, { NODE_OPTIONS: '', ...env })
  if (code !== 0) throw new Error(`${file} ended with code ${code}: ${stderr}`)
  return JSON.parse(stdout)
}
