// Rows of an upload as a stream: every one to another number, the last digit of which gets the
// SMS delivered, every text different.

const ROWS_PER_CHUNK = 500;

/** Different for every index below ten million; ends in 0 to 4. */
function numberOf(index: number): string {
  return `+2547${String(index * 10 + (index % 5)).padStart(8, '0')}`;
}

export function requestOf(index: number): {
  readonly to: string;
  readonly from: string;
  readonly text: string;
} {
  return {
    to: numberOf(index),
    from: '20414',
    text: `Dear customer, your payment of KES ${String(1000 + index)} was received. Reference ${String(index)}.`,
  };
}

export function uploadBody(rows: number, from: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let index = from;
  return new ReadableStream({
    pull(controller) {
      const end = Math.min(index + ROWS_PER_CHUNK, from + rows);
      let chunk = '';
      for (; index < end; index++) chunk += `${JSON.stringify(requestOf(index))}\n`;
      if (chunk !== '') controller.enqueue(encoder.encode(chunk));
      if (index >= from + rows) controller.close();
    },
  });
}
