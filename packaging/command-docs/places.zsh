# Completes sites and paths on servers.
__myftp_places() {
  local -a found
  found=("${(@f)$($service complete-word $1 "${(Q)PREFIX}" < /dev/null 2> /dev/null)}")
  found=(${found:#})
  compadd -S '' -- ${(M)found:#*[:/]}
  compadd -- ${found:#*[:/]}
  [[ $2 != files || $PREFIX == *:* ]] || _files
}

