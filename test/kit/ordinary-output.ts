/**
 * What ordinary commands print, with the words, the shapes and the long strings of letters and digits that secrets have too: nothing of it
 * is one.
 */
export const ORDINARY_OUTPUT: Readonly<Record<string, string>> = {
  uptime: ' 10:23:45 up 12 days,  3:04,  2 users,  load average: 0.08, 0.03, 0.01',
  'df -h':
    'Filesystem      Size  Used Avail Use% Mounted on\n/dev/sda1        50G   21G   27G  45% /\ntmpfs           7.8G     0  7.8G   0% /dev/shm',
  'free -m':
    '               total        used        free      shared  buff/cache   available\nMem:           15899        4210        2011         312        9677       11052\nSwap:           2047           0        2047',
  'ps aux':
    'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\nroot           1  0.0  0.0 168140 11544 ?        Ss   Jan02   0:12 /sbin/init\nroot         812  0.0  0.0  15420  9012 ?        Ss   Jan02   0:00 sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups\nwww-data    1044  0.1  0.3 214512 52132 ?        S    Jan02   4:31 php-fpm: pool www\npostgres    1201  0.0  0.1 219876 29912 ?        Ss   Jan02   1:02 postgres: app app 192.0.2.7(50514) idle\nroot        2210  0.0  0.0   6892  3312 pts/0    S+   10:20   0:00 mysql --password -u root',
  'cat /etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\npostgres:x:113:120:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash',
  'cat /etc/group': 'root:x:0:\nsudo:x:27:alice,bob\ndocker:x:998:alice\nssl-cert:x:119:postgres',
  'getent shadow of locked accounts':
    'daemon:*:19000:0:99999:7:::\nbin:!:19000:0:99999:7:::\nsystemd-network:!*:19000::::::\nnobody:!!:19000:0:99999:7:::',
  'cat /etc/nsswitch.conf':
    'passwd:         files systemd\ngroup:          files systemd\nshadow:         files\ngshadow:        files\n\nhosts:          files dns\nnetgroup:       nis',
  'cat /etc/pam.d/common-password':
    'password        [success=1 default=ignore]      pam_unix.so obscure use_authtok try_first_pass yescrypt\npassword        requisite                       pam_deny.so\npassword        required                        pam_permit.so',
  'sshd -T':
    'port 22\npermitrootlogin without-password\npasswordauthentication no\nkbdinteractiveauthentication no\npubkeyauthentication yes\nhostkey /etc/ssh/ssh_host_ed25519_key\nauthorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2\nhostkeyalgorithms ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256',
  'journalctl -u ssh':
    'Jan 02 03:04:05 web sshd[1234]: Failed password for invalid user admin from 192.0.2.7 port 50514 ssh2\nJan 02 03:04:06 web sshd[1234]: Accepted publickey for alice from 192.0.2.8 port 50515 ssh2: ED25519 SHA256:q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6j7k8l9z0x1c\nJan 02 03:04:07 web sshd[1236]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root\nJan 02 03:04:08 web sudo[1240]:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow\nJan 02 03:04:09 web sudo[1241]: pam_unix(sudo:auth): conversation failed: password: required',
  'systemctl status nginx':
    '● nginx.service - A high performance web server and a reverse proxy server\n     Loaded: loaded (/lib/systemd/system/nginx.service; enabled; preset: enabled)\n     Active: active (running) since Mon 2026-01-02 03:04:05 UTC; 1 week 2 days ago\n   Main PID: 1044 (nginx)\n      Tasks: 3 (limit: 19000)\n     CGroup: /system.slice/nginx.service',
  'systemctl list-units':
    'UNIT                       LOAD   ACTIVE SUB     DESCRIPTION\nsystemd-ask-password.path  loaded active waiting Dispatch Password Requests to Console\nssh.service                loaded active running OpenBSD Secure Shell server',
  'ls -la ~/.ssh':
    'total 24\ndrwx------ 2 alice alice 4096 Jan  2 03:04 .\n-rw------- 1 alice alice  399 Jan  2 03:04 id_ed25519\n-rw-r--r-- 1 alice alice   94 Jan  2 03:04 id_ed25519.pub\n-rw------- 1 alice alice 1234 Jan  2 03:04 known_hosts',
  'cat authorized_keys':
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl alice@laptop\nrestrict,command="/usr/bin/backup" ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDw4o6gJy8UtmIbkcpnkO3Kwc4qsEnSZp1TR bob@host',
  'ssh-keygen -lf':
    '256 SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8 alice@laptop (ED25519)\n3072 MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48 bob (RSA)',
  'ssh-keyscan':
    'host.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0l4bXc5e2n7nq1Hk8v3fW2uF5oT6yR9sD1aG4kLmNp\n# host.example:22 SSH-2.0-OpenSSH_9.2p1',
  'cat known_hosts':
    '|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
  'openssl x509 -text':
    'Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number:\n            04:00:00:00:00:01:15:4b:5a:c3:94\n        Subject Public Key Info:\n            Public Key Algorithm: rsaEncryption\n                Public-Key: (2048 bit)\n                Modulus:\n                    00:da:0e:e6:99:8d:ce:a3:e3:4f:8a:7e:fb:f1:8b:\n        X509v3 extensions:\n            X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n            X509v3 Subject Key Identifier: \n                60:7B:66:1A:45:0D:97:CA:89:50:2F:7D:04:CD:34:A8:FF:FC:FD:4B',
  'cat cert.pem':
    '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ3v9m0p1n2o3q4r5s6t7u8v9w0xEwYDVR0lBAwwCgYI\nKwYBBQUHAwEwDgYDVR0PAQH/BAQDAgeAMAoGCCqGSM49BAMCA0gAMEUCIQDx1y2z\n-----END CERTIFICATE-----\n-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----',
  'file key':
    'key.pem: PEM RSA private key\nid: OpenSSH private key\ncheck: grep -l "BEGIN RSA PRIVATE KEY" *',
  'gpg --list-keys':
    'pub   rsa4096 2023-01-21 [SC] [expires: 2031-01-19]\n      4D64FEC119C2029067D6E791F8D2585B8783D481\nuid           [ unknown] Example Signing Key <ftpmaster@example.org>\nsub   rsa4096 2023-01-21 [S] [expires: 2031-01-19]',
  sha256sum:
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty\n9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  test\nd41d8cd98f00b204e9800998ecf8427e  md5 of nothing',
  uuids:
    '7d444840-9dc0-11d1-b245-5ffdce74fad2\nUUID=5f1c3e9a-0b52-4a3e-9d58-1c2b3a4d5e6f TYPE="ext4" PARTUUID="a1b2c3d4-01"',
  'ip addr':
    '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000\n    link/ether 52:54:00:12:34:56 brd ff:ff:ff:ff:ff:ff\n    inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0\n    inet6 2001:db8::1/64 scope global',
  'ss -tulpn':
    'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\ntcp   LISTEN 0      244        127.0.0.1:5432       0.0.0.0:*     users:(("postgres",pid=1201,fd=6))\ntcp   LISTEN 0      511                *:6379             *:*     users:(("redis-server",pid=900,fd=7))\ntcp   LISTEN 0      128             [::]:22            [::]:*     users:(("sshd",pid=812,fd=4))',
  mount:
    'proc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\n//nas.example/share on /mnt/share type cifs (rw,relatime,vers=3.1.1,credentials=/etc/cifs.cred,uid=0)',
  env: 'SHELL=/bin/bash\nPWD=/home/alice\nOLDPWD=/tmp\nLANG=C.UTF-8\nSSH_AUTH_SOCK=/tmp/ssh-XXXXabcdef/agent.1234\nSSH_CONNECTION=192.0.2.8 50515 192.0.2.10 22\nGPG_TTY=/dev/pts/0\nLS_COLORS=rs=0:di=01;34:ln=01;36:mh=00:pi=40;33\nPASSWORD_STORE_DIR=/home/alice/.password-store\nAWS_PROFILE=default\nVAULT_ADDR=https://vault.example:8200\nDB_PASSWORD_FILE=/run/secrets/db_password\nXDG_SESSION_ID=12',
  'git log':
    'commit 3b18e512dba79e4c8300dd08aeb37f8e728b8dad (HEAD -> main, origin/main)\nAuthor: Alice <alice@example.org>\nDate:   Mon Jan 2 03:04:05 2026 +0000\n\n    fix(auth): refresh the token before it expires (#123)\n\n    The password: prompt was shown twice. secret: none. token: see issue 45.',
  'git diff':
    'diff --git a/src/auth.ts b/src/auth.ts\nindex 83db48f..bf2a5e1 100644\n--- a/src/auth.ts\n+++ b/src/auth.ts\n@@ -1,6 +1,7 @@\n-export function login(user: string, password: string): Promise<Token> {\n+export function login(user: string, password: string, token?: string): Promise<Token> {\n+  const secret = process.env.CLIENT_SECRET\n+  if (!password) throw new TypeError("password: required")\n   return post({ user, password, token: token ?? undefined })',
  'git remote -v':
    'origin\tgit@github.com:example/app.git (fetch)\norigin\thttps://github.com/example/app.git (push)\nmirror\tssh://git@git.example:2222/app.git (fetch)\nci\thttps://oauth2:${CI_JOB_TOKEN}@git.example/app.git (push)',
  'cat .gitlab-ci.yml':
    'deploy:\n  script:\n    - docker login -u "$CI_REGISTRY_USER" -p "$CI_REGISTRY_PASSWORD" $CI_REGISTRY\n    - curl --header "PRIVATE-TOKEN: $TOKEN" --header "Authorization: Bearer ${TOKEN}" https://git.example/api\n  variables:\n    DB_PASSWORD: $DB_PASSWORD\n    POSTGRES_PASSWORD: ""',
  'cat workflow.yml':
    'env:\n  GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}\nsteps:\n  - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8\n    with:\n      token: ${{ secrets.DEPLOY_TOKEN }}\n      persist-credentials: false\npermissions:\n  id-token: write',
  'npm ls':
    'app@1.0.0\n├── js-tokens@4.0.0\n├── pbkdf2-password@1.2.1\n├── csrf-token@3.1.0\n└─┬ @types/node@20.19.0\n  └── undici-types@6.21.0',
  'cat package-lock.json':
    '    "node_modules/js-tokens": {\n      "version": "4.0.0",\n      "resolved": "https://registry.example/js-tokens/-/js-tokens-4.0.0.tgz",\n      "integrity": "sha512-RdJUflcE3cUzKiMqQgsCu06FPu9UdIJO0beYbPhHN4k6apgJtifcoCtT9bcxOpYBtpD2kCM6Sbzg4CausW/PKQ==",\n      "license": "MIT"\n    },\n    "pbkdf2-password": "1.2.1",',
  'npm http':
    'npm http fetch GET 200 https://registry.example:443/@types%2fnode 53ms (cache hit)\nnpm warn deprecated har-validator@5.1.5: this library is no longer supported\nnpm_config_user_agent npm_lifecycle_event npm_package_name',
  'dpkg -l':
    'ii  libsecret-1-0:amd64      0.20.5-3       amd64        Secret store\nii  libpam-modules:amd64     1.5.2-6+deb12u1 amd64       Pluggable Authentication Modules for PAM\nii  passwd                   1:4.13+dfsg1-1 amd64        change and administer password and group data\nii  python3-secretstorage    3.3.3-1        all          Python module for storing secrets',
  'apt upgrade':
    'Get:1 http://deb.example/debian bookworm/main amd64 openssl amd64 3.0.19-1~deb12u2 [1,438 kB]\nUnpacking libssl3:amd64 (3.0.19-1~deb12u2) over (3.0.18-1~deb12u1) ...\nSetting up passwd (1:4.13+dfsg1-1) ...\nProcessing triggers for libc-bin (2.36-9+deb12u10) ...',
  'docker ps':
    'CONTAINER ID   IMAGE                COMMAND                  CREATED       STATUS       PORTS                    NAMES\n3f4a5b6c7d8e   postgres:16-alpine   "docker-entrypoint.s…"   2 weeks ago   Up 2 weeks   0.0.0.0:5432->5432/tcp   db-1\n9a8b7c6d5e4f   redis@sha256:1b36b6a6d1b1a1e8b1e6f2c3d4e5f60718293a4b5c6d7e8f9012a3b4c5d6e7f8   "redis-server"   2 weeks ago   Up   6379/tcp   cache-1',
  'docker inspect':
    '"Id": "sha256:5e1b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9012a3b4c5d6e7f8091a2b",\n"Env": ["PATH=/usr/local/sbin:/usr/local/bin", "POSTGRES_PASSWORD_FILE=/run/secrets/db", "PGDATA=/var/lib/postgresql/data"],\n"Secrets": null,\n"HostnamePath": "/var/lib/docker/containers/3f4a/hostname"',
  'docker info':
    'Server Version: 27.3.1\nSwarm: active\n NodeID: x1y2z3a4b5c6d7e8f9g0h1i2j\n Is Manager: true\nRegistry: https://index.docker.io/v1/\nCertificates: /etc/docker/certs.d',
  'kubectl get pods':
    'NAME                                READY   STATUS             RESTARTS   AGE\napi-7d9f8b6c5d-x2x4z                1/1     Running            0          12d\nexternal-secrets-5c8d7f9b8-abcde    1/1     Running            3          40d\ntoken-refresher-28912345-k9j8h      0/1     Completed          0          3h',
  'kubectl get secrets':
    'NAME                  TYPE                                  DATA   AGE\ndb-credentials        Opaque                                2      40d\ndefault-token-x7k2p   kubernetes.io/service-account-token   3      40d\ntls-cert              kubernetes.io/tls                     2      40d',
  'kubectl describe secret':
    'Name:         db-credentials\nNamespace:    default\nType:  Opaque\n\nData\n====\npassword:  16 bytes\nusername:  3 bytes\ntoken:     841 bytes',
  'kubectl describe pod':
    "    Environment:\n      DB_PASSWORD:  <set to the key 'password' in secret 'db-credentials'>  Optional: false\n      API_TOKEN:    <set to the key 'token' of secret 'api'>\n    Mounts:\n      /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-9x8y7 (ro)\nVolumes:\n  tls:\n    Type:        Secret (a volume populated by a Secret)\n    SecretName:  tls-cert",
  'kubectl get -o yaml':
    'spec:\n  containers:\n  - env:\n    - name: DB_PASSWORD\n      valueFrom:\n        secretKeyRef:\n          name: db-credentials\n          key: password\n  imagePullSecrets:\n  - name: registry\n  serviceAccountName: default\n  automountServiceAccountToken: false',
  'kubectl config view':
    'users:\n- name: admin\n  user:\n    client-certificate-data: DATA+OMITTED\n    client-key-data: DATA+OMITTED\n    token: REDACTED',
  'helm list':
    'NAME    NAMESPACE  REVISION  UPDATED                               STATUS    CHART            APP VERSION\nvault   default    4         2026-01-02 03:04:05.6 +0000 UTC       deployed  vault-0.28.1     1.17.2',
  'terraform plan':
    '  # aws_db_instance.main will be updated in-place\n  ~ resource "aws_db_instance" "main" {\n        id                = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"\n        password          = (sensitive value)\n      ~ engine_version    = "15.4" -> "15.5"\n        master_user_secret = []\n        arn = "arn:aws:rds:eu-west-1:123456789012:db:main"\n    }',
  'aws sts get-caller-identity':
    '{\n    "UserId": "AIDAEXAMPLEEXAMPLE123",\n    "Account": "123456789012",\n    "Arn": "arn:aws:iam::123456789012:user/alice"\n}',
  'aws s3api list-objects':
    '{\n    "IsTruncated": true,\n    "NextToken": "eyJNYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==",\n    "NextContinuationToken": "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=",\n    "ETag": "\\"d41d8cd98f00b204e9800998ecf8427e\\""\n}',
  psql: ' rolname  | rolsuper | rolcanlogin | rolpassword\n----------+----------+-------------+-------------\n postgres | t        | t           | ********\n app      | f        | t           |\n(2 rows)\n\nhost    all   all   192.0.2.0/24   scram-sha-256',
  mysql:
    "+----------------------------+--------+\n| Variable_name              | Value  |\n+----------------------------+--------+\n| default_password_lifetime  | 0      |\n| validate_password.length   | 8      |\n| validate_password.policy   | MEDIUM |\n| sha256_password_auto_generate_rsa_keys | ON |\n+----------------------------+--------+\nERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)",
  'redis-cli info':
    '# Server\r\nredis_version:7.2.4\r\nredis_build_id:5a1b2c3d4e5f6071\r\nrun_id:1f2e3d4c5b6a79880716253443526170f0e1d2c3\r\ntcp_port:6379\r\nmaster_replid:8371445ee47bca11e1b9d1f2d3a4b5c6d7e8f901',
  'curl -v':
    '* Connected to api.example (192.0.2.20) port 443 (#0)\n* ALPN: offers h2,http/1.1\n> GET /v1/items?page=2&page_token=abc123def456 HTTP/2\n> user-agent: curl/7.88.1\n> authorization: [redacted]\n< HTTP/2 401\n< www-authenticate: Bearer realm="api", error="invalid_token", error_description="The access token expired"\n< etag: W/"0-2jmj7l5rSw0yVb/vlWAYkK/YBwk"\n< x-request-id: 8f14e45fceea167a5a36dedd4bea2543',
  'tail access.log':
    '192.0.2.7 - alice [02/Jan/2026:03:04:05 +0000] "GET /reset-password?step=2 HTTP/1.1" 200 512 "https://app.example/login" "Mozilla/5.0"\n192.0.2.7 - - [02/Jan/2026:03:04:06 +0000] "POST /api/token HTTP/1.1" 401 64 "-" "curl/7.88.1"',
  'tail app.log':
    '2026-01-02T03:04:05.678Z INFO auth: token refreshed for user=alice session=9f8e7d6c trace_id=4bf92f3577b34da6a3ce929d0e0e4736\n2026-01-02T03:04:06.000Z WARN auth: password expired user=bob\n2026-01-02T03:04:07.000Z ERROR parser: unexpected token: "}" at line 12\n2026-01-02T03:04:08.000Z INFO llm: max_tokens=4096 total_tokens: 1523 prompt_tokens=1200 eos_token: 50256',
  'sudo -l':
    'Matching Defaults entries for alice on web:\n    env_reset, mail_badpass, secure_path=/usr/local/sbin\\:/usr/bin, passwd_tries=3, timestamp_timeout=15\n\nUser alice may run the following commands on web:\n    (ALL : ALL) NOPASSWD: /usr/bin/systemctl restart nginx\n    (root) PASSWD: ALL',
  'chage -l':
    'Last password change                                    : Jan 02, 2026\nPassword expires                                        : never\nPassword inactive                                       : never\nAccount expires                                         : never',
  'crontab -l':
    '# m h  dom mon dow   command\n17 *    * * *   root    cd / && run-parts --report /etc/cron.hourly\n0 3 * * * pg_dump "postgres://app:$PGPASSWORD@db/app" > /backup/app.sql',
  'cat nginx.conf':
    'server {\n    listen 443 ssl;\n    ssl_certificate     /etc/ssl/certs/site.pem;\n    ssl_certificate_key /etc/ssl/private/site.key;\n    ssl_password_file   /etc/ssl/pass.txt;\n    auth_basic "Restricted"; auth_basic_user_file /etc/nginx/.htpasswd;\n    proxy_pass http://127.0.0.1:8080/;\n    proxy_set_header Authorization $http_authorization;\n    fastcgi_pass unix:/run/php/php-fpm.sock;\n}',
  'cat postfix main.cf':
    'smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd\nsmtpd_tls_key_file = /etc/ssl/private/ssl-cert-snakeoil.key\nsmtpd_sasl_auth_enable = yes',
  'cat settings.py':
    "DATABASES = {'default': {'PASSWORD': os.environ['DB_PASSWORD'], 'USER': env('DB_USER')}}\nSECRET_KEY = os.environ.get('SECRET_KEY')\nAUTH_PASSWORD_VALIDATORS = []\nTOKEN_TTL = 3600\npassword = getpass.getpass('Password: ')\ntoken = request.headers.get('X-Token')",
  'cat Vault.md':
    'vault kv get -field=password secret/data/app\nexport VAULT_TOKEN=$(cat ~/.vault-token)\nansible-vault encrypt_string --ask-vault-password\n$ANSIBLE_VAULT;1.1;AES256',
  'cat .env.example':
    'DB_HOST=localhost\nDB_PASSWORD=\nDB_PASSWORD=changeme_here...\nAPI_KEY=<your-api-key>\nSECRET_KEY=your-secret-key\nTOKEN=xxxxxxxxxxxx\nJWT_SECRET=${JWT_SECRET}\nSTRIPE_KEY=sk_test_...\nPASSWORD=********',
  'awk and sed':
    'awk -F: \'$3 >= 1000 {print $1, $6, $5}\' /etc/passwd | sed \'s/^$6$//\' | cut -d: -f1\necho "$1$2$5"; [ "$y" = "$x" ]',
  'help texts':
    '  -p, --password PASSWORD   password of the user\n      --token TOKEN         bearer token (default: $TOKEN)\n  --secret-id=ID            id of the secret\n  -u, --user <user:password>  server user and password\n      --api-key string      key of the API\n  --oauth2-bearer <token>   OAuth 2 bearer token',
  'base64 of a picture':
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\nAAAAB3NzaC1yc2EAAAADAQABAAABgQDMTAxMTIyMzM0NDU1NjY3Nzg4OTkwMDExMjIzMzQ0NTU2Njc3',
  xxd: '00000000: 7f45 4c46 0201 0100 0000 0000 0000 0000  .ELF............\n00000010: 0300 3e00 0100 0000 2025 0000 0000 0000  ..>..... %......',
  'wg show':
    'interface: wg0\n  public key: qY8Zb0V3m1n2o3p4q5r6s7t8u9v0w1x2y3z4A5B6C7D=\n  private key: (hidden)\n  listening port: 51820\n\npeer: aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4c=\n  preshared key: (hidden)',
  'lastlog and who':
    'Username         Port     From             Latest\nroot             pts/0    192.0.2.8        Mon Jan  2 03:04:05 +0000 2026\nalice    pts/1        2026-01-02 10:20 (192.0.2.8)',
  'snmp and hardware':
    'Serial Number: CN7475151B0123\nAsset Tag: 4CE0460D0G\nUUID: 4c4c4544-0042-3510-8052-b4c04f4b4d31\nProduct Key: not shown',
  'compiler errors':
    "src/a.c:12:5: error: expected expression before ')' token\nsrc/a.ts(3,7): error TS2322: Type 'string' is not assignable to type 'Password'.\nerror[E0425]: cannot find value `token` in this scope\nSyntaxError: Unexpected token 'export'",
}
