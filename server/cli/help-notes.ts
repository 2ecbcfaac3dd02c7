// What `--help` adds below the options of the commands.

export const EXAMPLES = `
Defaults are in [brackets]. Sizes: 500M, 10GB, 1GiB. Times: 300s, 5m, 1h.
A setting can also be a variable (MYFTP_PASV_RANGE for --pasv-range) or stand in
the TOML file (pasv-range = "50000-50100"). A flag beats a variable, a variable
the file.

Examples:
  myftp-server
      Listen on 127.0.0.1:2121 and keep everything in ./myftp-data.
  myftp-server --host :: --port 21 --pasv-range 50000-50100 --quota 10GB
      Serve the network; open port 21 and the range in the firewall.
  myftp-server user add anna --quota 5GB
      Add an account; asks for the password.
  myftp-server --print-config > myftp.toml
      Save the settings, to be edited and named with --config.

Exit codes: 0 done, 1 failure, 2 wrong usage, 75 try again later (directory or
port in use, name or file not there yet), 78 settings that cannot work.`;

export const BESIDE_THE_SERVER = `
These commands work while the server runs, too; it heeds the changes without a
restart. Run them as the user that the server runs as, with the same --data or
--config.`;

export const TO_THE_SERVER = `
Run it as the user that the server runs as, with the same --data or --config.`;

export const RIGHTS_NOTES = `
A set is full, read-only, upload-only (a drop box: no file can be seen),
no-overwrite (what exists stays as it is), none, or a list of list, read, write,
overwrite, append, delete, rename, mkdir, rmdir, chmod and mfmt with commas between
them; default takes a rule back. It is for the directory (/ if left out) and all
below it; the longest directory decides, and an account's own rule before that of
its group. Symbolic links are followed first: name the real directory.

Example: anna can read everything and upload into /incoming without seeing it.
  myftp-server user rights anna read-only
  myftp-server user rights anna upload-only /incoming`;

export const FOLDER_NOTES = `
A folder with a quota of its own is charged to an account that cannot log in:
folder:<name> stands for it in user quota, user recount, user show and trash.

Example: the accounts of the group staff share /srv/projects, and max reads it.
  myftp-server folder add projects --path /srv/projects --quota 100GB
  myftp-server folder share projects %staff --at /projects
  myftp-server folder share projects max --at /projects --read-only
${BESIDE_THE_SERVER}`;

export const LIMIT_NOTES = `
Patterns are for the name of a new file or directory, also for one that is renamed;
case is ignored. * stands for anything, ? for one character, [a-z] for one of a
range. A name that is denied is refused even if it is allowed as well. default
takes a limit back: that of the group, or of the server, then applies.`;

export const RETENTION_NOTES = `
A command replaces the rule of its directory. The longest directory decides, and
an account's own rule before that of its group. Files are deleted for good, not
into the trash. A file is as old as the time since it was uploaded, renamed or
changed last, by the clock of the server. What is being read, replaced or resumed
stays. See what would go: myftp-server retention run --dry-run

Example: a camera has its quota for the last 30 days, and never finds it full.
  myftp-server user retention cam1 --delete-after 30d --oldest-first --remove-empty`;

export const IMPORT_NOTES = `
If one account of the file cannot be imported, none is. Passwords stay: hashes of
Argon2, bcrypt, scrypt, yescrypt, SHA-256, SHA-512 and PBKDF2 are kept, and replaced
by Argon2id at the next login; plain ones in a CSV or JSON are hashed at once. Files
are not moved: to keep them, first move each home to the root, under the name of its
account, and add --adopt. docs/moving-in.md has the fields of CSV and JSON.
${BESIDE_THE_SERVER}`;

export const ROOT_NOTES = `
The database remembers the directory that the server was last started with
(--root). A server that is to use another one refuses to start as long as files
are in the old one; this command says that it is meant. It moves no files, and
the server must not run. The next start measures all files.`;

export const BACKUP_NOTES = `
The server may run. The directory must be new or empty. It gets the database as of
one moment, the certificate that the server has made, and a manifest with
SHA-256 digests. The files of the accounts are not in it: back up the root
afterwards, by any program.`;

export const RESTORE_NOTES = `
The server must not run. The digests are checked first. The database that is
replaced stays as myftp.db.replaced. The next start measures all files, and
uploads that were cut since the backup are dropped.`;

export const AUDIT_NOTES = `
Times are local unless they end in Z. In a pattern, * stands for anything,
slashes included, and ? for one character. The server's --audit-keep says how
long events are kept.
${BESIDE_THE_SERVER}`;

export const DOCTOR_NOTES = `
Give it the server's flags or --config, and run it as the user that the server
runs as. It changes nothing, also beside a running server. Exit code 1 if
there is a problem.`;

export const PING_NOTES = `
It connects to the address of the settings, waits for the greeting and sends
QUIT: a health check for containers and monitoring.`;
