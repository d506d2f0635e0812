/** How the script says that it came to its end. */
export const END = 'end'

/**
 * What a host is asked, in plain POSIX sh. Each part begins with a line `NONCE part` and goes on as the host's own tools print it; a part
 * that cannot be had is `NONCE - part reason`. The nonce travels by standard input and is in no process list, so that nothing on the host
 * can print such a line. Files come first and tools that may hang last: each of those has a second, and after two that took longer no
 * other is tried. Nothing is written on the host, and no index of packages is refreshed.
 */
export function factsScript(nonce: string): string {
  return `exec 2>/dev/null
export LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
slow=0
part() { printf '\\n%s %s\\n' ${nonce} "$1"; }
lacks() { printf '\\n%s - %s %s\\n' ${nonce} "$1" "$2"; }
has() { command -v "$1" >/dev/null; }
uproot() {
  kill -STOP $1
  for child in $(pgrep -P $1); do uproot $child; done
  kill -9 $1
}
within() {
  [ $slow -lt 2 ] || { lacks "$1" 'not asked, because other tools of the host took too long'; return; }
  sleep 1 >/dev/null & dog=$!
  { "$1" </dev/null; kill $dog; } & tool=$!
  wait $dog || return
  slow=$((slow + 1))
  uproot $tool
  lacks "$1" 'its tool took longer than a second'
}
part name; uname -n; uname -s; uname -r; uname -m
part os; cat /etc/os-release || cat /usr/lib/os-release || { echo "NAME=$(sw_vers -productName)"; echo "VERSION_ID=$(sw_vers -productVersion)"; } | head -n 60
part cpu; getconf _NPROCESSORS_ONLN || nproc || sysctl -n hw.ncpu || grep -c ^processor /proc/cpuinfo
if [ -r /proc/cpuinfo ]; then grep -E '^(model name|cpu model|Hardware|Model|cpu)[[:space:]]*:' /proc/cpuinfo | head -n 1
else echo "model name : $(sysctl -n machdep.cpu.brand_string || sysctl -n hw.model)"; fi
if [ -r /proc/meminfo ]; then part memory; grep -E '^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SwapTotal|SwapFree):' /proc/meminfo
else lacks memory 'the host has no /proc/meminfo'; fi
part load; head -n 1 /proc/loadavg || sysctl -n vm.loadavg
part uptime; head -n 1 /proc/uptime || { sysctl -n kern.boottime; date +%s; }
virtualization() {
  part virtualization
  if has systemd-detect-virt; then systemd-detect-virt; return; fi
  [ ! -e /.dockerenv ] || echo docker
  [ ! -e /run/.containerenv ] || echo podman
  cat /sys/hypervisor/type /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name | head -n 3
  [ ! -r /proc/cpuinfo ] || { grep -qw hypervisor /proc/cpuinfo && echo hypervisor || echo unseen; }
}
disks() {
  has df || { lacks disks 'the host has no df'; return; }
  [ ! -r /proc/mounts ] || { part mounts; cut -d ' ' -f 2,3 /proc/mounts | head -n 500; }
  part disks
  df -P -k -l >/dev/null && set -- -l || set --
  df -P -k "$@" | head -n 300
}
listening() {
  if has ss; then part listening; ss -ltnup | head -n 1000
  elif [ -r /proc/net/tcp ]; then
    for table in tcp tcp6 udp udp6; do [ ! -r /proc/net/$table ] || { part "listening_$table"; grep -E ' (0A|07) ' /proc/net/$table | head -n 500; }; done
  else lacks listening 'the host has neither ss nor /proc/net'; fi
}
failed_units() {
  [ -d /run/systemd/system ] && has systemctl || { lacks failed_units 'systemd does not run on the host'; return; }
  part failed_units
  systemctl list-units --state=failed --no-legend --plain --no-pager --full | head -n 200 && echo whole
}
updates() {
  if [ -s /var/lib/update-notifier/updates-available ]; then part updates_notifier; head -n 20 /var/lib/update-notifier/updates-available
  elif has apt-get; then
    set -- /var/lib/apt/lists/*_Packages*
    [ -e "$1" ] || { lacks updates 'the host has no package lists (apt-get update was never run)'; return; }
    list=$(apt-get -s -o Debug::NoLocking=1 upgrade) || { lacks updates 'apt-get could not tell'; return; }
    part updates_apt; echo "$list" | grep -c '^Inst '; echo "$list" | grep -c '^Inst .*[Ss]ecurity'
  elif has apk; then
    set -- /var/cache/apk/APKINDEX* /etc/apk/cache/APKINDEX*
    [ -e "$1" ] || [ -e "$2" ] || { lacks updates 'the host keeps no package index (apk update was never run)'; return; }
    list=$(apk --no-network version -l '<') || { lacks updates 'apk could not tell'; return; }
    part updates_apk; echo "$list" | grep -c ' < '
  else lacks updates 'no package manager of the host tells it cheaply'; fi
}
for tool in virtualization disks listening failed_units updates; do within $tool; done
part ${END}
`
}
