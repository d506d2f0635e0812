/** The complete example of the reference page. A test loads it, so it shows nothing that does not work. */
export const EXAMPLE_CONFIG = `server:
  host: "0.0.0.0"
  port: 8080
  public_url: https://ssh-mcp.example.com
  enable_http: true
  enable_stdio: false
  oauth:
    enabled: true
    issuer: https://tenant.auth0.com/
    audience: https://ssh-mcp.example.com
    jwks_uri: https://tenant.auth0.com/.well-known/jwks.json
    provider: auth0
    claims:
      email: https://ssh-mcp.example.com/email
      name: https://ssh-mcp.example.com/name
  api_keys:
    - name: backup-job
      sha256: \${env:BACKUP_JOB_KEY_SHA256}
      scopes: [mcp:execute]
      expires: 2027-12-31
  cors_origins: [https://chatgpt.com, https://chat.openai.com]
  cors_allow_credentials: true
  trusted_proxies: [127.0.0.1, 10.0.0.0/8]
  log_level: INFO
  log_format: json

hosts:
  - name: bastion
    description: Way into the private network
    host: bastion.example.com
    username: jump
    private_key_path: ~/.ssh/id_ed25519
    host_key: SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA

  - name: web-server
    description: Production web server
    host: 192.0.2.10
    port: 22
    username: admin
    private_key_path: ~/.ssh/id_ed25519
    passphrase: \${env:WEB_KEY_PASSPHRASE}
    execution_mode: shell
    disable_pager: true
    required_scopes: [mcp:execute, mcp:admin]
    tags: [prod, web]
    jump: bastion
    sudo:
      password: \${env:WEB_SUDO_PASSWORD}

  - name: build-server
    description: Builds, asks for a second factor
    host: build.example.com
    username: admin
    password: \${env:BUILD_PASSWORD}
    answers:
      - prompt: verification code
        totp_secret: \${env:BUILD_TOTP_SECRET}
    terminal: true

  - name: core-switch
    description: Switch in the machine room
    host: 192.0.2.250
    username: operator
    password: \${env:SWITCH_PASSWORD}
    platform: network
    algorithms: legacy

session:
  idle_timeout: 30
  max_sessions_per_host: 5
  cleanup_interval: 60

ssh_config: ~/.ssh/config

ssh:
  known_hosts: [~/.ssh/known_hosts, /etc/ssh/ssh_known_hosts]
  connect_timeout: 15
  keepalive_interval: 15

limits:
  output_bytes: 32768
  wait: 45
  timeout: 3600
  max_timeout: 86400

commands:
  retention: 24
  output_bytes: 134217728
  total_output_bytes: 2147483648

files:
  read_bytes: 262144
  max_bytes: 8388608

storage:
  directory: /var/lib/ssh-mcp-bridge
  url: postgres://bridge:\${env:DATABASE_PASSWORD}@database.example.com/bridge?sslmode=verify-full
`
