# Completes sites and paths on servers. The shell takes words apart at colons: the word is put together again, and what
# the shell keeps is cut from each candidate. Nothing in the word is evaluated.
__myftp_places() {
  local more=() word=${COMP_WORDS[COMP_CWORD]} i=$COMP_CWORD found kept
  while ((i > 1)) && [[ $word == :* || ${COMP_WORDS[i-1]} == *: ]]; do
    ((i--))
    word=${COMP_WORDS[i]}$word
  done
  word=${word#[\"\']}
  word=${word//\\/}
  mapfile -t found < <("$1" complete-word "$2" "$word" < /dev/null 2> /dev/null)
  if [[ $3 == files && $word != *:* ]]; then
    mapfile -t -O ${#found[@]} found < <(compgen -f -- "$word")
  fi
  if [[ $3 == more ]]; then more=("${COMPREPLY[@]}"); fi
  COMPREPLY=("${more[@]}")
  [[ ${#found[@]} -gt 0 ]] || return 0
  kept=${word%"${word##*:}"}
  COMPREPLY+=("${found[@]#"$kept"}")
  # Names of files are quoted; the colon of a site must not be.
  if [[ " ${found[*]} " != " ${found[0]%:}: " ]]; then compopt -o filenames; fi
  if [[ ${#COMPREPLY[@]} -eq 1 && ${found[0]} == *[:/] ]]; then compopt -o nospace; fi
}

