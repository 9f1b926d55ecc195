// Which jobs of a workflow start, by GitHub's own evaluator of expressions, whose file is the argument. Standard input: a list of cases, each with
// `jobs` (name, if, needs; in an order in which needs come first), `contexts`, and `outputs` by job; a job that starts
// succeeds and has them. Prints a list of lists of names.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { Evaluator, Lexer, Parser, data } = createRequire(import.meta.url)(process.argv[2]);

const CONTEXTS = ["github", "inputs", "needs", "vars"]; // what a job's `if:` may use
const STATUS = ["always", "cancelled", "failure", "success"];

const converted = (value) => {
  if (value === null || value === undefined) return new data.Null();
  if (typeof value === "string") return new data.StringData(value);
  if (typeof value === "number") return new data.NumberData(value);
  if (typeof value === "boolean") return new data.BooleanData(value);
  if (Array.isArray(value)) {
    const array = new data.Array();
    value.forEach((entry) => array.add(converted(entry)));
    return array;
  }
  const dictionary = new data.Dictionary();
  Object.entries(value).forEach(([key, entry]) => dictionary.add(key, converted(entry)));
  return dictionary;
};

const isTrue = (result) =>
  result.kind === data.Kind.Boolean || result.kind === data.Kind.String || result.kind === data.Kind.Number
    ? Boolean(result.value)
    : result.kind !== data.Kind.Null;

const starts = (job, results, contexts, outputs) => {
  const isDone = (name) => results[name] === "success";
  const needs = Object.fromEntries(
    job.needs.map((name) => [name, { result: results[name], outputs: (isDone(name) && outputs[name]) || {} }]),
  );
  const isSuccess = job.needs.every(isDone);
  const answers = { always: true, cancelled: false, failure: false, success: isSuccess };
  const functions = STATUS.map((name) => ({
    name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(answers[name]),
  }));
  const written = (job.if || "success()").trim().replace(/^\$\{\{([^]*)\}\}$/, "$1");
  // A condition without one of these functions has GitHub's own `success() &&` before it.
  const text = /\b(always|cancelled|failure|success)\s*\(/i.test(written) ? written : `success() && (${written})`;
  const tree = new Parser(new Lexer(text).lex().tokens, CONTEXTS, functions).parse();
  const all = converted({ vars: {}, inputs: {}, ...contexts, needs });
  return isTrue(new Evaluator(tree, all, new Map(functions.map((each) => [each.name, each]))).evaluate());
};

const started = ({ jobs, contexts, outputs }) => {
  const results = {};
  for (const job of jobs) results[job.name] = starts(job, results, contexts, outputs) ? "success" : "skipped";
  return jobs.map((job) => job.name).filter((name) => results[name] === "success");
};

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(started)));
