// The AI SDK with its providers of OpenAI (Responses and chat), compatible APIs and Anthropic.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, jsonSchema, Output, streamText, tool } from "ai";
import { z } from "zod";

const PERSONAL = "Mijn naam is Jan de Vries, bsn 111222333.";
const RESTRICTED = "Jan de Vries heeft kanker en krijgt een chemokuur.";
const SAY = 'example: say {"city": "Gent", "days": 2};';
const City = z.object({ city: z.string(), days: z.number() });
const { SLUIS_URL, SLUIS_KEY, SLUIS_LIMITED_KEY } = process.env;
const baseURL = `${SLUIS_URL}/v1`;
const find = tool({
  description: "Finds.",
  inputSchema: jsonSchema({ type: "object", properties: { query: { type: "string" } } }),
});

const made = {
  openai: (apiKey) => createOpenAI({ baseURL, apiKey })("outside"),
  openai_chat: (apiKey) => createOpenAI({ baseURL, apiKey }).chat("outside"),
  compatible: (apiKey) =>
    createOpenAICompatible({ name: "sluis", baseURL, apiKey, supportsStructuredOutputs: true })("outside"),
  anthropic: (apiKey) => createAnthropic({ baseURL, apiKey })("claude-only"),
};
const outcomes = {};

async function show(name, run) {
  try {
    outcomes[name] = await run();
  } catch (failed) {
    outcomes[name] = `${failed.name}: ${failed.message}`.slice(0, 1500);
  }
}

const TURNS = 10;
const KEPT_HERE = { openai: { store: false } }; // without it the SDK names items by id

async function failure(run) {
  try {
    await run();
  } catch (failed) {
    const waits = "retry-after" in (failed.responseHeaders ?? {});
    return waits ? [failed.statusCode, "retry-after"] : [failed.statusCode];
  }
  return "no failure";
}

for (const [name, of] of Object.entries(made)) {
  const model = of(SLUIS_KEY);
  const ask = { model, prompt: PERSONAL, maxRetries: 0, maxOutputTokens: 99 };
  await show(`${name}_plain`, async () => (await generateText(ask)).text);
  await show(`${name}_stream`, async () => {
    let text = "";
    for await (const piece of streamText(ask).textStream) text += piece;
    return text;
  });
  await show(`${name}_tools`, async () => {
    const { toolCalls } = await generateText({ ...ask, tools: { find } });
    return [toolCalls[0].toolName, toolCalls[0].input];
  });
  await show(`${name}_structured`, async () => {
    const output = Output.object({ schema: City });
    return (await generateText({ ...ask, prompt: SAY, output })).output;
  });
  await show(`${name}_error`, () =>
    failure(async () => {
      for (let n = 0; n < 3; n++) await generateText({ ...ask, model: of(SLUIS_LIMITED_KEY), prompt: "Dag" });
    }),
  );
  await show(`${name}_turns`, async () => {
    const messages = [];
    for (let n = 1; n <= TURNS; n++) {
      messages.push({ role: "user", content: `${n}: ${PERSONAL}` });
      const { text, response } = await generateText({ ...ask, prompt: undefined, messages, providerOptions: KEPT_HERE });
      if (!text) return `nothing in turn ${n}`;
      messages.push(...response.messages);
    }
    return messages.length;
  });
  await show(`${name}_default`, () =>
    failure(async () => {
      const messages = [{ role: "user", content: PERSONAL }];
      const { response } = await generateText({ ...ask, prompt: undefined, messages });
      messages.push(...response.messages, { role: "user", content: "En nu?" });
      await generateText({ ...ask, prompt: undefined, messages });
    }),
  );
  await show(`${name}_refusal`, () => failure(() => generateText({ ...ask, prompt: RESTRICTED })));
}
for (const [name, create] of Object.entries({ openai: createOpenAI, compatible: createOpenAICompatible })) {
  await show(`${name}_embeddings`, async () => {
    const provider = create({ name: "sluis", baseURL, apiKey: SLUIS_KEY });
    const { embeddings } = await embedMany({
      model: provider.textEmbeddingModel("embed"),
      values: [PERSONAL, "Dag"],
      maxRetries: 0,
    });
    return embeddings.map((vector) => vector.length);
  });
}
console.log(JSON.stringify(outcomes));
