/** What can go wrong with a request. Closed: clients branch on it, so it is part of the API. */
export const HTTP_ERRORS = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  busy: 429,
  internal: 500,
  unavailable: 503,
} as const
export type HttpErrorCode = keyof typeof HTTP_ERRORS

/** The body of every answer that is not a success. */
export interface ErrorBody {
  readonly error: {
    readonly code: HttpErrorCode
    readonly message: string
    /** The parameter or the path in the body that is wrong. */
    readonly field?: string
    readonly hint?: string
  }
}

/** Thrown by a route to answer with an error. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: HttpErrorCode
  readonly statusCode: number
  readonly field: string | undefined
  readonly hint: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(
    code: HttpErrorCode,
    message: string,
    options: { readonly field?: string; readonly hint?: string; readonly retryAfterMs?: number } = {},
  ) {
    super(message)
    this.code = code
    this.statusCode = HTTP_ERRORS[code]
    this.field = options.field
    this.hint = options.hint
    this.retryAfterMs = options.retryAfterMs
  }

  body(): ErrorBody {
    const { code, message, field, hint } = this
    return {
      error: { code, message, ...(field === undefined ? {} : { field }), ...(hint === undefined ? {} : { hint }) },
    }
  }
}
