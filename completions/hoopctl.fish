# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hoopctl_global_optspecs
    string join \n context= o/output= h/help V/version
end

function __fish_hoopctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hoopctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hoopctl_using_subcommand
    set -l cmd (__fish_hoopctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hoopctl -n "__fish_hoopctl_needs_command" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_needs_command" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "login" -d 'Log in: a person through the browser, a CI job through its workload token'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "logout" -d 'End the login here, at the gateway and at the identity provider'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "whoami" -d 'Show whom the gateway takes you for'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "status" -d 'Show whether the gateway is there; for its admins and auditors, its agents and its trail'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "context" -d 'Choose between gateways'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "connections" -d 'List what you may reach, how, and what is held there'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "connect" -d 'Open a local listener for a connection'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "mcp" -d 'MCP for editors and assistants'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "requests" -d 'List requests for approval: yours, and those you may decide'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "approve" -d 'Let a held command run, once'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "deny" -d 'Refuse a held command'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "sessions" -d 'List sessions, and what happened in them'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "audit" -d 'Verify or export the trail'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "evidence" -d 'Make evidence of a period for an assessor, or check it'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "admin" -d 'For the gateway\'s admins'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "dev" -d 'Gateway, agent, issuer and demo upstreams in one process on loopback'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "completions" -d 'Print a completion script for your shell'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "man" -d 'Write the man pages into a folder'
complete -c hoopctl -n "__fish_hoopctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand login" -l workload -d 'Log in as a workload; the source is detected when none is named (github, file:PATH, env:NAME)' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand login" -l ca-file -d 'Trust the gateway by this CA certificate (PEM)' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand login" -l pin -d 'Trust the gateway by the SHA-256 of its CA\'s public key, in hex, as `hoop-gateway run` prints it' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand login" -l server-name -d 'The name in the gateway\'s certificate, where it differs from HOST' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand login" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand login" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand login" -l no-browser -d 'Print the address to open and start no browser'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand login" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand logout" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand logout" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand logout" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand whoami" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand whoami" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand whoami" -l claims -d 'Also show what the identity provider said of you'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand whoami" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand whoami" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand status" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand status" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand status" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and not __fish_seen_subcommand_from list use add remove help" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and not __fish_seen_subcommand_from list use add remove help" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and not __fish_seen_subcommand_from list use add remove help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and not __fish_seen_subcommand_from list use add remove help" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and not __fish_seen_subcommand_from list use add remove help" -f -a "list" -d 'List the gateways you know'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and not __fish_seen_subcommand_from list use add remove help" -f -a "use" -d 'Make NAME the current one'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and not __fish_seen_subcommand_from list use add remove help" -f -a "add" -d 'Add a gateway without logging in'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and not __fish_seen_subcommand_from list use add remove help" -f -a "remove" -d 'Forget a gateway and the login there'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and not __fish_seen_subcommand_from list use add remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from list" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from list" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from use" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from use" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from use" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from add" -l ca-file -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from add" -l pin -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from add" -l server-name -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from add" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from add" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from add" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from remove" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from remove" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from remove" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the gateways you know'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from help" -f -a "use" -d 'Make NAME the current one'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a gateway without logging in'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Forget a gateway and the login there'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand context; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connections" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connections" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connections" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connections" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connect" -l listen -d 'Loopback address of the listener; port 0 takes any free one' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connect" -l client -d 'Print the settings of this client alone; for MCP curl or env, for Snowflake any' -r -f -a "python\t''
node\t''
snow\t''
dbt\t''
jdbc\t''
odbc\t''
go\t''
curl\t''
env\t''"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connect" -l reason -d 'Why: goes into the trail, and policies may ask for it' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connect" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connect" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connect" -l exec -d 'Run the command after `--` with the settings in its environment, for Snowflake also in a `connections.toml` of its own; its exit code becomes ours'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand connect" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and not __fish_seen_subcommand_from connect config help" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and not __fish_seen_subcommand_from connect config help" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and not __fish_seen_subcommand_from connect config help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and not __fish_seen_subcommand_from connect config help" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and not __fish_seen_subcommand_from connect config help" -f -a "connect" -d 'Speak MCP on stdin and stdout: for editors and assistants to start'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and not __fish_seen_subcommand_from connect config help" -f -a "config" -d 'Enter connections into an editor\'s or an assistant\'s own settings'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and not __fish_seen_subcommand_from connect config help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from connect" -l reason -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from connect" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from connect" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from connect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from connect" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from config" -l client -d 'Whose settings' -r -f -a "claude-desktop\t''
claude-code\t''
cursor\t''
vscode\t''
windsurf\t''
codex\t''
gemini\t''
zed\t''"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from config" -l as -d 'Call the entry ENTRY and not like its connection; for one connection at a time' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from config" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from config" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from config" -l write -d 'Add what is missing to the client\'s file and change nothing else in it. The file as it is without hoopctl\'s entries is kept beside it, with `.hoopctl-backup` after its name, until --remove takes the last of them out'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from config" -l remove -d 'Take the entries out of the client\'s file: with nothing else changed since --write, it is byte for byte what it was (or gone, if it was not there); what others changed meanwhile stays'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from config" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from help" -f -a "connect" -d 'Speak MCP on stdin and stdout: for editors and assistants to start'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from help" -f -a "config" -d 'Enter connections into an editor\'s or an assistant\'s own settings'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand mcp; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and not __fish_seen_subcommand_from show wait withdraw help" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and not __fish_seen_subcommand_from show wait withdraw help" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and not __fish_seen_subcommand_from show wait withdraw help" -l all -d 'Decided ones as well'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and not __fish_seen_subcommand_from show wait withdraw help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and not __fish_seen_subcommand_from show wait withdraw help" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and not __fish_seen_subcommand_from show wait withdraw help" -f -a "show" -d 'Show one request with its command'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and not __fish_seen_subcommand_from show wait withdraw help" -f -a "wait" -d 'Wait until a request is decided; exit 0 approved, 6 denied, 5 otherwise'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and not __fish_seen_subcommand_from show wait withdraw help" -f -a "withdraw" -d 'Take your own request back'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and not __fish_seen_subcommand_from show wait withdraw help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from show" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from show" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from wait" -l timeout -d 'Give up after this many seconds' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from wait" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from wait" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from wait" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from withdraw" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from withdraw" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from withdraw" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from withdraw" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one request with its command'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from help" -f -a "wait" -d 'Wait until a request is decided; exit 0 approved, 6 denied, 5 otherwise'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from help" -f -a "withdraw" -d 'Take your own request back'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand requests; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand approve" -l reason -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand approve" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand approve" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand approve" -l oldest -d 'The request that has waited longest among those you may decide'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand approve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand approve" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand deny" -l reason -d 'Told to the requester and kept in the trail' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand deny" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand deny" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand deny" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand deny" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -l limit -d 'How many, the newest first' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -l since -d 'Only those that began then or later: a date (its beginning, UTC), or a time as RFC 3339 has it' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -l before -d 'Only those that began before this one: the next page' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -f -a "show" -d 'Show every exchange of one session'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -f -a "replay" -d 'Show what was asked and what came back, as it went, and verify it meanwhile'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -f -a "follow" -d 'Show a live session as it goes on, from its beginning, until it ends'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -f -a "export" -d 'Write what happened in a session into a folder that others can check without the gateway'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -f -a "kill" -d 'End a live session'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and not __fish_seen_subcommand_from show replay follow export kill help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from replay" -l at -d 'Begin so many seconds after the session\'s start' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from replay" -l speed -d 'How many times as fast as it was; `max` without waiting' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from replay" -l format -d 'How to show what came back' -r -f -a "table\t'For people: commands, decisions, and results as tables'
ndjson\t'One JSON document a line: each record, and what was delivered with it'
json\t'The same as one JSON document'
html\t'A page for a browser, to be read or printed without hoopctl; it runs no script and loads nothing'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from replay" -l rows -d 'Rows shown of a result' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from replay" -l reason -d 'Why you look; goes into the trail' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from replay" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from replay" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from replay" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from follow" -l format -d 'How to show what came back' -r -f -a "table\t'For people: commands, decisions, and results as tables'
ndjson\t'One JSON document a line: each record, and what was delivered with it'
json\t'The same as one JSON document'
html\t'A page for a browser, to be read or printed without hoopctl; it runs no script and loads nothing'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from follow" -l rows -d 'Rows shown of a result' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from follow" -l reason -d 'Why you look; goes into the trail' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from follow" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from follow" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from follow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from follow" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l out -d 'A new folder, or an empty one' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l reason -d 'Why you take it; goes into the trail' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from kill" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from kill" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from kill" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from kill" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show every exchange of one session'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "replay" -d 'Show what was asked and what came back, as it went, and verify it meanwhile'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "follow" -d 'Show a live session as it goes on, from its beginning, until it ends'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write what happened in a session into a folder that others can check without the gateway'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "kill" -d 'End a live session'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and not __fish_seen_subcommand_from verify reconcile search export help" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and not __fish_seen_subcommand_from verify reconcile search export help" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and not __fish_seen_subcommand_from verify reconcile search export help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and not __fish_seen_subcommand_from verify reconcile search export help" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and not __fish_seen_subcommand_from verify reconcile search export help" -f -a "verify" -d 'Check that no record was changed, removed or added'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and not __fish_seen_subcommand_from verify reconcile search export help" -f -a "reconcile" -d 'Hold Snowflake\'s own history against the trail, to find what went round the gateway'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and not __fish_seen_subcommand_from verify reconcile search export help" -f -a "search" -d 'Find the exchanges that hid or showed a given card, by its keyed digest. It takes two people'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and not __fish_seen_subcommand_from verify reconcile search export help" -f -a "export" -d 'Fetch the trail into a folder that third-party tools can check too'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and not __fish_seen_subcommand_from verify reconcile search export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l state -d 'Remembers the newest verified head and the keys here; a later run finds a rolled-back trail by it' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l trust -d 'Only these keys may have signed, one verifier key a line, as `hoopctl admin keys show` prints it' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l head -d 'A signed head (C2SP checkpoint) that was kept elsewhere; may be given several times' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l siem -d 'The copy in a SIEM: its events one JSON document a line; each record in it has to be in the trail' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l agent -d 'What an agent signed for, as `hoop-agent receipts` prints it on its machine; may be given several times. All of it has to be in the trail' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l payload-key -d 'Opens sealed payloads: a key as the gateway\'s payload_keys lead to, for its own `trail` folder or a copy of it in object storage; may be given several times. What the gateway sends has no seals' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l witness -d 'A witness\'s key, NAME+ID+KEY: the trail has to hold every head that it cosigned, of those that come with the trail and of those given with --head. May be given several times' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l quorum -d 'So many of the witnesses have to vouch for the trail; all of them when left out' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l tsa -d 'The certificates of a time stamp authority (RFC 3161), PEM: the trail has to hold every head that it stamped, of those that come with the trail and of those given with --head, beside which their token lies as FILE.tst' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l since -d 'Whoever vouches has to have done so on this day or later: a trail that was cut back has only older heads' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from reconcile" -l connection -d 'The connection whose upstream the history is of' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from reconcile" -l history -d 'QUERY_HISTORY, CSV with a header or JSON' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from reconcile" -l logins -d 'LOGIN_HISTORY, likewise' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from reconcile" -l user -d 'A user that the agent logs in as; without any, all that the files hold. May be given several times' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from reconcile" -l agent-ip -d 'An address that Snowflake sees the agent under: logins from elsewhere went round it. May be given several times' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from reconcile" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from reconcile" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from reconcile" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from reconcile" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from search" -l reason -d 'Goes into the trail' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from search" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from search" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from search" -l pan -d 'Search for the card number on standard input'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from search" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from search" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from search" -f -a "list" -d 'List the searches that have not ended'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from search" -f -a "approve" -d 'Let somebody else\'s search happen'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from search" -f -a "show" -d 'Say which exchanges it finds; for who asked and who approved'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from search" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from export" -l out -d 'A new folder, or an empty one' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from export" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from export" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check that no record was changed, removed or added'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "reconcile" -d 'Hold Snowflake\'s own history against the trail, to find what went round the gateway'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "search" -d 'Find the exchanges that hid or showed a given card, by its keyed digest. It takes two people'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "export" -d 'Fetch the trail into a folder that third-party tools can check too'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -l from -d 'From when on: a date (its beginning, UTC), or a time as RFC 3339 has it' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -l to -d 'Until when: a date (its end, UTC), or a time that is no longer in it' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -l out -d 'A new folder, or an empty one' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -l connection -d 'Only what is of this connection, or of none' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -l trail -d 'A copy of the trail in the gateway\'s place, as `hoopctl audit verify DIR` takes it; the pack is not sealed then' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -l previous -d 'The pack before this one: proves that the log continues what that one was made of' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -f -a "verify" -d 'Check a pack, without network: files, rows, records and the ten machine checks'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l state -d 'Remembers the newest verified head and the keys here; shared with `hoopctl audit verify --state`' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l trust -d 'Only these keys may have signed, one verifier key a line, as `hoopctl admin keys show` prints it' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l head -d 'A signed head (C2SP checkpoint) that was kept elsewhere; may be given several times' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l witness -d 'A witness\'s key, NAME+ID+KEY: the trail has to hold every head that it cosigned, of those that come with the trail and of those given with --head. May be given several times' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l quorum -d 'So many of the witnesses have to vouch for the trail; all of them when left out' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l tsa -d 'The certificates of a time stamp authority (RFC 3161), PEM: the trail has to hold every head that it stamped, of those that come with the trail and of those given with --head, beside which their token lies as FILE.tst' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l since -d 'Whoever vouches has to have done so on this day or later: a trail that was cut back has only older heads' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check a pack, without network: files, rows, records and the ten machine checks'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand evidence; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and not __fish_seen_subcommand_from agents keys holds tools alerts help" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and not __fish_seen_subcommand_from agents keys holds tools alerts help" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and not __fish_seen_subcommand_from agents keys holds tools alerts help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and not __fish_seen_subcommand_from agents keys holds tools alerts help" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and not __fish_seen_subcommand_from agents keys holds tools alerts help" -f -a "agents" -d 'Agents: the programs inside the private networks'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and not __fish_seen_subcommand_from agents keys holds tools alerts help" -f -a "keys" -d 'The key that signs the trail'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and not __fish_seen_subcommand_from agents keys holds tools alerts help" -f -a "holds" -d 'Legal holds: recordings that are kept whatever their age'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and not __fish_seen_subcommand_from agents keys holds tools alerts help" -f -a "tools" -d 'Tools of MCP servers: what they say, and whether it was reviewed'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and not __fish_seen_subcommand_from agents keys holds tools alerts help" -f -a "alerts" -d 'What the automatic review of the trail found, and what was said of it'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and not __fish_seen_subcommand_from agents keys holds tools alerts help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from agents" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from agents" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from agents" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from agents" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from agents" -f -a "list" -d 'List agents and whether they are connected'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from agents" -f -a "add" -d 'Make a one-time join token for a new agent'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from agents" -f -a "remove" -d 'Remove an agent and end its tunnel'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from agents" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from keys" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from keys" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from keys" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from keys" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from keys" -f -a "show" -d 'Print the verifier key that signs the trail, for `hoopctl audit verify --trust` and other programs'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from keys" -f -a "rotate" -d 'Have a new key sign the trail from now on, after a record of the change that both sign'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from keys" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from holds" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from holds" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from holds" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from holds" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from holds" -f -a "list" -d 'List the holds in force'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from holds" -f -a "add" -d 'Keep the recordings of a session, or of a whole connection, whatever their age'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from holds" -f -a "release" -d 'End a hold: what it kept goes once its time is over'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from holds" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from tools" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from tools" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from tools" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from tools" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from tools" -f -a "list" -d 'List tools: those that are pinned, and those that are new or changed and therefore hidden'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from tools" -f -a "review" -d 'Show what a hidden tool says now and what it said before, and let it in or not'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from tools" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from alerts" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from alerts" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from alerts" -l all -d 'Closed ones as well'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from alerts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from alerts" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from alerts" -f -a "show" -d 'Show one alert: what was found, in which records, and what was said of it'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from alerts" -f -a "ack" -d 'Say that you know of it'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from alerts" -f -a "close" -d 'Say that it is dealt with; without an acknowledgement before, a reason is needed'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from alerts" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "agents" -d 'Agents: the programs inside the private networks'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "keys" -d 'The key that signs the trail'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "holds" -d 'Legal holds: recordings that are kept whatever their age'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "tools" -d 'Tools of MCP servers: what they say, and whether it was reviewed'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "alerts" -d 'What the automatic review of the trail found, and what was said of it'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand dev" -l snowflake -d 'A real Snowflake in the demo one\'s place; credentials from SNOWFLAKE_USER and SNOWFLAKE_PASSWORD' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand dev" -l mcp -d 'A real streamable-HTTP MCP server in the demo one\'s place; a bearer token for it from MCP_TOKEN' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand dev" -l mcp-stdio -d 'A command that speaks MCP on stdio' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand dev" -l data-dir -d 'Keep the data here instead of in a temporary folder' -r -F
complete -c hoopctl -n "__fish_hoopctl_using_subcommand dev" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand dev" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand dev" -l demo -d 'Drive the whole story once in this terminal; exit 0 only if each step held'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand dev" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand dev" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand completions" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand completions" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand completions" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand man" -l context -d 'Which gateway, by the name that `hoopctl context list` shows' -r
complete -c hoopctl -n "__fish_hoopctl_using_subcommand man" -s o -l output -d 'How to print: words for people, or stable JSON for scripts' -r -f -a "human\t''
json\t'One JSON document'
jsonl\t'One JSON document a line'"
complete -c hoopctl -n "__fish_hoopctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand man" -s V -l version -d 'Print version'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "login" -d 'Log in: a person through the browser, a CI job through its workload token'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "logout" -d 'End the login here, at the gateway and at the identity provider'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "whoami" -d 'Show whom the gateway takes you for'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "status" -d 'Show whether the gateway is there; for its admins and auditors, its agents and its trail'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "context" -d 'Choose between gateways'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "connections" -d 'List what you may reach, how, and what is held there'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "connect" -d 'Open a local listener for a connection'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "mcp" -d 'MCP for editors and assistants'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "requests" -d 'List requests for approval: yours, and those you may decide'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "approve" -d 'Let a held command run, once'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "deny" -d 'Refuse a held command'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "sessions" -d 'List sessions, and what happened in them'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "audit" -d 'Verify or export the trail'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "evidence" -d 'Make evidence of a period for an assessor, or check it'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "admin" -d 'For the gateway\'s admins'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "dev" -d 'Gateway, agent, issuer and demo upstreams in one process on loopback'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "completions" -d 'Print a completion script for your shell'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "man" -d 'Write the man pages into a folder'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and not __fish_seen_subcommand_from login logout whoami status context connections connect mcp requests approve deny sessions audit evidence admin dev completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from context" -f -a "list" -d 'List the gateways you know'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from context" -f -a "use" -d 'Make NAME the current one'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from context" -f -a "add" -d 'Add a gateway without logging in'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from context" -f -a "remove" -d 'Forget a gateway and the login there'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from mcp" -f -a "connect" -d 'Speak MCP on stdin and stdout: for editors and assistants to start'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from mcp" -f -a "config" -d 'Enter connections into an editor\'s or an assistant\'s own settings'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from requests" -f -a "show" -d 'Show one request with its command'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from requests" -f -a "wait" -d 'Wait until a request is decided; exit 0 approved, 6 denied, 5 otherwise'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from requests" -f -a "withdraw" -d 'Take your own request back'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from sessions" -f -a "show" -d 'Show every exchange of one session'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from sessions" -f -a "replay" -d 'Show what was asked and what came back, as it went, and verify it meanwhile'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from sessions" -f -a "follow" -d 'Show a live session as it goes on, from its beginning, until it ends'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from sessions" -f -a "export" -d 'Write what happened in a session into a folder that others can check without the gateway'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from sessions" -f -a "kill" -d 'End a live session'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "verify" -d 'Check that no record was changed, removed or added'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "reconcile" -d 'Hold Snowflake\'s own history against the trail, to find what went round the gateway'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "search" -d 'Find the exchanges that hid or showed a given card, by its keyed digest. It takes two people'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "export" -d 'Fetch the trail into a folder that third-party tools can check too'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from evidence" -f -a "verify" -d 'Check a pack, without network: files, rows, records and the ten machine checks'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "agents" -d 'Agents: the programs inside the private networks'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "keys" -d 'The key that signs the trail'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "holds" -d 'Legal holds: recordings that are kept whatever their age'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "tools" -d 'Tools of MCP servers: what they say, and whether it was reviewed'
complete -c hoopctl -n "__fish_hoopctl_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "alerts" -d 'What the automatic review of the trail found, and what was said of it'
