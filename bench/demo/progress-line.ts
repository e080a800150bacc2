const BAR_WIDTH = 24;

/** Where progress is shown; a terminal's last line is drawn over, anything else gets a line per model. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows how far one piece of work is, then what came of it. */
export interface ProgressLine {
  show(share: number, words: string): void;
  done(words: string): void;
}

export function progressLine(screen: Screen, title: string): ProgressLine {
  const draw = (words: string): void => { screen.write(`\r\u001b[2K${words}`); };
  return {
    show(share, words) {
      if (screen.isTTY !== true) return;
      const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
      draw(`${title} ${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)} ${words}`);
    },
    done(words) {
      if (screen.isTTY === true) draw('');
      screen.write(`${title} ${words}\n`);
    },
  };
}
