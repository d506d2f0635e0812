import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { DISKS } from './disks.ts'

testGrammars(DISKS, {
  df: { reads: ['df -h', 'df -hT /var', 'df --output=source,pcent'], runs: ['df --sync'] },
  lsblk: { reads: ['lsblk -f', 'lsblk -o NAME,SIZE /dev/sda'], runs: ['lsblk --sysroot x'] },
  blkid: { reads: ['blkid', 'blkid -o list', 'blkid /dev/sda1'], runs: ['blkid -c x', 'blkid -g'] },
  mount: {
    reads: ['mount', 'mount -l', 'mount -t ext4'],
    runs: ['mount -a', 'mount /mnt', 'mount /dev/sda /mnt', 'mount -o remount,ro /'],
  },
  findmnt: { reads: ['findmnt', 'findmnt -no SOURCE /'], runs: ['findmnt -F x', 'findmnt --tab-file=x'] },
  swapon: {
    reads: ['swapon --show', 'swapon -s', 'swapon --show=NAME'],
    runs: ['swapon', 'swapon -a', 'swapon --show -a', 'swapon /x', 'swapon --show /x'],
  },
  pvs: {
    reads: ['pvs', 'vgs vg0', 'lvs -a -o +devices'],
    runs: ['lvs --config x', 'pvs --profile x', 'vgs --commandprofile x'],
  },
  pvdisplay: { reads: ['pvdisplay', 'lvdisplay -m'], runs: ['vgdisplay --config x'] },
  fdisk: { reads: ['fdisk -l', 'fdisk -x /dev/sda'], runs: ['fdisk /dev/sda', 'fdisk -l -w always'] },
  sfdisk: {
    reads: ['sfdisk -l /dev/sda'],
    runs: ['sfdisk /dev/sda', 'sfdisk --delete x', 'sfdisk -x /dev/sda', 'sfdisk -l --wipe always x'],
  },
  parted: {
    reads: ['parted -s -l', 'parted -sl'],
    runs: ['parted -l', 'parted -s /dev/sda rm 1', 'parted -s'],
  },
  smartctl: {
    reads: ['smartctl -a /dev/sda', 'smartctl -l error -d sat /dev/sda'],
    runs: [
      'smartctl -t short x',
      'smartctl -s off x',
      'smartctl -l scterc,70,70 x',
      'smartctl -l sasphy,reset x',
      'smartctl -a -X x',
    ],
  },
  hdparm: {
    reads: ['hdparm -I /dev/sda'],
    runs: ['hdparm -S 1 x', 'hdparm x', 'hdparm -W0 -I x', 'hdparm -Y x'],
  },
  mdadm: {
    reads: ['mdadm --detail /dev/md0', 'mdadm -D --scan'],
    runs: ['mdadm --stop /dev/md0', 'mdadm -D --remove x', 'mdadm --assemble --scan'],
  },
  zpool: {
    reads: ['zpool status', 'zfs list -t snapshot', 'zpool list -H'],
    runs: ['zpool scrub x', 'zfs destroy x', 'zpool status -c x', 'zpool'],
  },
  btrfs: {
    reads: ['btrfs filesystem show', 'btrfs device stats /'],
    runs: ['btrfs device stats -z /', 'btrfs scrub start /', 'btrfs filesystem resize 1 /'],
  },
  dumpe2fs: { reads: ['dumpe2fs -h /dev/sda1'], runs: ['dumpe2fs', 'dumpe2fs -o superblock=1 x'] },
  tune2fs: { reads: ['tune2fs -l /dev/sda1'], runs: ['tune2fs -L x y', 'tune2fs -l -c 1 x'] },
  quota: { reads: ['quota -s', 'quota -u root'], runs: ['quota --what'] },
  repquota: { reads: ['repquota -a'], runs: ['repquota --what'] },
  showmount: { reads: ['showmount -e', 'showmount -a host'], runs: ['showmount a b'] },
})
