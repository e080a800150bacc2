/**
 * Where the broker says what happened: the part of pino's logger that is used. Fields come first, the sentence second.
 * Nothing is logged per query at the default level.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
