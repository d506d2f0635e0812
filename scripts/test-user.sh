# Makes the user that the tests of sudo log in as. Run as root: sh -eu scripts/test-user.sh
# Take it away again: userdel --remove ssh-mcp-test; rm /etc/sudoers.d/ssh-mcp-test /etc/ssh-mcp-test.password
id ssh-mcp-test >/dev/null 2>&1 || useradd --create-home --shell /bin/bash ssh-mcp-test
umask 077
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "$password" >/etc/ssh-mcp-test.password
echo "ssh-mcp-test:$password" | chpasswd
rules=$(mktemp)
# What sudo says depends on the login shell, so that one user shows all that sudo may answer.
cat >"$rules" <<'RULES'
Defaults:ssh-mcp-test lecture=always
Defaults!/bin/zsh requiretty
ssh-mcp-test ALL=(root) PASSWD: ALL, NOPASSWD: /bin/dash, !/bin/rbash
RULES
visudo -cqf "$rules"
install -m 0440 "$rules" /etc/sudoers.d/ssh-mcp-test
rm "$rules"
