/** The data of each event of a stream in the form of Server-Sent Events; ends with the event `complete`. */
export async function* readServerEvents(response: Response): AsyncGenerator<string> {
  const chunks = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
  let unread = '';
  for await (const chunk of chunks) {
    const events = `${unread}${chunk}`.split('\n\n');
    unread = events.pop() ?? '';
    for (const event of events) {
      const fields = event.split('\n');
      if (fields.includes('event: complete')) return;
      const data = fields.flatMap(field =>
        field.startsWith('data: ') ? [field.slice('data: '.length)] : [],
      );
      if (data.length > 0) yield data.join('\n');
    }
  }
}
