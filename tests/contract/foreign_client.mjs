// GitHub's own client for Node against the fake: what it reads back is printed as one JSON document.
// Arguments: address of the API, token of a job, token of a person, owner, repository, branch, its commit, the mutation.
import { createRequire } from "node:module";

const require = createRequire(process.env.OCTOKIT_FROM + "/");
const { Octokit } = await import(require.resolve("@octokit/rest"));
const [baseUrl, job, person, owner, repo, head, sha, mutation] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const octokit = new Octokit({ auth: job, baseUrl, log });
const octo = new Octokit({ auth: person, baseUrl, log });
const here = { owner, repo };
const found = {};

const refused = async (promise) => {
  try {
    await promise;
    return null;
  } catch (error) {
    const accepted = error.response?.headers?.["x-accepted-github-permissions"];
    return { status: error.status, message: error.message, accepted };
  }
};

const pull = (await octokit.pulls.create({ ...here, head, base: "main", title: "A draft", body: "text", draft: true })).data;
found.draft = { number: pull.number, draft: pull.draft, head: pull.head.sha };
const number = pull.number;
found.twice = await refused(octokit.pulls.create({ ...here, head, base: "main", title: "Again" }));

const comment = (await octokit.issues.createComment({ ...here, issue_number: number, body: "one" })).data;
await octokit.issues.updateComment({ ...here, comment_id: comment.id, body: "two" });
await octokit.reactions.createForIssueComment({ ...here, comment_id: comment.id, content: "eyes" });
await octokit.reactions.createForIssueComment({ ...here, comment_id: comment.id, content: "eyes" });
const read = (await octokit.issues.getComment({ ...here, comment_id: comment.id })).data;
found.comment = { body: read.body, login: read.user.login, eyes: read.reactions.eyes };
found.tooLong = await refused(octokit.issues.createComment({ ...here, issue_number: number, body: "x".repeat(65537) }));

await octokit.issues.addLabels({ ...here, issue_number: number, labels: ["devteam", "devteam:wip"] });
await octokit.issues.removeLabel({ ...here, issue_number: number, name: "devteam:wip" });
found.labels = (await octokit.issues.listLabelsOnIssue({ ...here, issue_number: number })).data.map((label) => label.name);

const note = (line) => ({ path: "a.txt", start_line: line, end_line: line, annotation_level: "failure", message: `m${line}` });
const notes = Array.from({ length: 51 }, (_, index) => note(index + 1));
const output = (annotations) => ({ title: "t", summary: "s", annotations });
const check = (await octokit.checks.create({
  ...here, name: "DevTeam / verify", head_sha: sha, status: "in_progress", external_id: "e", output: output(notes.slice(0, 50)),
})).data;
const check_run_id = check.id;
await octokit.checks.update({ ...here, check_run_id, status: "completed", conclusion: "failure", output: output(notes.slice(50)) });
const listed = (await octokit.checks.listForRef({ ...here, ref: sha })).data.check_runs[0];
found.check = {
  conclusion: listed.conclusion, app: listed.app.slug, external: listed.external_id,
  annotations: (await octokit.paginate(octokit.checks.listAnnotations, { ...here, check_run_id, per_page: 20 })).length,
};
found.person = await refused(octo.checks.create({ ...here, name: "n", head_sha: sha }));

for (let index = 0; index < 64; index += 1) {
  await octo.issues.createComment({ ...here, issue_number: number, body: `talk ${index}` });
}
const pages = octokit.paginate(octokit.issues.listComments, { ...here, issue_number: number, per_page: 30 });
found.pages = (await pages).map((entry) => entry.body).length;

found.permission = (await octokit.repos.getCollaboratorPermissionLevel({ ...here, username: "octo" })).data.permission;
found.mergedDraft = await refused(octokit.pulls.merge({ ...here, pull_number: number }));
const graphql = octokit.graphql.defaults({ url: `${baseUrl}/graphql` });
found.ready = (await graphql(mutation, { id: pull.node_id })).markPullRequestReadyForReview.pullRequest;
found.viewer = (await graphql("query { viewer { login } }")).viewer.login;
found.otherDocument = (await refused(graphql("query { viewer { name } }"))) !== null;
found.merged = (await octokit.pulls.merge({ ...here, pull_number: number, merge_method: "squash" })).data.merged;
const after = (await octokit.pulls.get({ ...here, pull_number: number })).data;
found.after = { state: after.state, merged: after.merged, draft: after.draft, by: after.merged_by.login };
found.contents = Buffer.from((await octokit.repos.getContent({ ...here, path: "a.txt" })).data.content, "base64").toString();
found.settings = await refused(octokit.actions.getGithubActionsDefaultWorkflowPermissionsRepository(here));
console.log(JSON.stringify(found));
