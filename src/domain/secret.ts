/**
 * `secret:` and 64 random bits: stands for a value that was found in what a host gave and taken out of the answer. Belongs to one principal
 * and one host; another's answers like one that never was.
 */
export type SecretHandle = string & { readonly SecretHandle: unique symbol }

const SECRET_HANDLE = /^secret:[0-9a-f]{16}$/

export function isSecretHandle(text: string): text is SecretHandle {
  return SECRET_HANDLE.test(text)
}

/** What becomes of the value when the command is run: a variable of its environment, or its whole standard input. */
export interface SecretUse {
  readonly as: { readonly env: string } | 'stdin'
  readonly handle: SecretHandle
}

/** The values themselves, on their way to the command. Never recorded, logged or answered. */
export interface RevealedSecrets {
  readonly env: readonly { readonly name: string; readonly value: Buffer }[]
  readonly stdin?: Buffer
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

/** Variables by which programs and shells are told what to run or load, by their beginning. */
const TELLING_BEGINNINGS =
  /^(?:LD_|DYLD_|BASH|SSH_|SUDO_|GIT_(?:ASKPASS|CONFIG|EDITOR|EXEC|EXTERNAL|PAGER|PROXY|SEQUENCE|SSH|TEMPLATE)|PYTHON|PERL|RUBY|NODE_(?:OPTIONS|PATH|REPL|EXTRA)|(?:_?JAVA|JDK)_|MALLOC_|ZSH|LC_|__SSH_MCP_)/

const TELLING: ReadonlySet<string> = new Set([
  ...['_', 'CDPATH', 'ENV', 'EUID', 'FCEDIT', 'FPATH', 'GLOBIGNORE', 'GROUPS', 'HOME', 'IFS', 'KRB5_CONFIG'],
  ...[
    'LANG',
    'LESSCLOSE',
    'LESSOPEN',
    'MODULE_PATH',
    'NLSPATH',
    'OLDPWD',
    'OPTIND',
    'PATH',
    'POSIXLY_CORRECT',
  ],
  ...[
    'PPID',
    'PROMPT_COMMAND',
    'PS0',
    'PS1',
    'PS2',
    'PS3',
    'PS4',
    'PWD',
    'SHELL',
    'SHELLOPTS',
    'SHLVL',
    'TERM',
  ],
  ...['STATUS', 'TERMCAP', 'TERMINFO', 'TMPDIR', 'UID', 'ZDOTDIR', 'EDITOR', 'VISUAL', 'PAGER', 'MANPAGER'],
  ...['SYSTEMD_PAGER', 'BROWSER', 'GCONV_PATH', 'GETCONF_DIR', 'GLIBC_TUNABLES', 'HOSTALIASES', 'LOCPATH'],
  ...['OPENSSL_CONF', 'OPENSSL_ENGINES', 'OPENSSL_MODULES', 'RES_OPTIONS', 'LOCALDOMAIN'],
])

/**
 * Whether a variable of this name may be given a value from a host's output: not one that decides what is run. Letters of any case, for
 * zsh has `path` beside `PATH`.
 */
export function mayHoldSecret(name: string): boolean {
  const upper = name.toUpperCase()
  // guard: secret-in-no-telling-variable
  return NAME.test(name) && !TELLING_BEGINNINGS.test(upper) && !TELLING.has(upper)
}
