/** The files of a batch, looked at before the first of them is sent. */

export interface ExaminedFile {
  /** Exactly one of `path` and `source`. */
  readonly path?: string | undefined;
  readonly source?: string | undefined;
  readonly mimeType?: string | undefined;
}

/** Input of the activity `geminiFilesExamine`. */
export interface ExamineInput {
  readonly files: readonly ExaminedFile[];
}

export interface ExamineActivities {
  geminiFilesExamine(input: ExamineInput): Promise<void>;
}
