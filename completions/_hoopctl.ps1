
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'hoopctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'hoopctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'hoopctl' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in: a person through the browser, a CI job through its workload token')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'End the login here, at the gateway and at the identity provider')
            [CompletionResult]::new('whoami', 'whoami', [CompletionResultType]::ParameterValue, 'Show whom the gateway takes you for')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether the gateway is there; for its admins and auditors, its agents and its trail')
            [CompletionResult]::new('context', 'context', [CompletionResultType]::ParameterValue, 'Choose between gateways')
            [CompletionResult]::new('connections', 'connections', [CompletionResultType]::ParameterValue, 'List what you may reach, how, and what is held there')
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Open a local listener for a connection')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'MCP for editors and assistants')
            [CompletionResult]::new('requests', 'requests', [CompletionResultType]::ParameterValue, 'List requests for approval: yours, and those you may decide')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Let a held command run, once')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Refuse a held command')
            [CompletionResult]::new('sessions', 'sessions', [CompletionResultType]::ParameterValue, 'List sessions, and what happened in them')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Verify or export the trail')
            [CompletionResult]::new('evidence', 'evidence', [CompletionResultType]::ParameterValue, 'Make evidence of a period for an assessor, or check it')
            [CompletionResult]::new('admin', 'admin', [CompletionResultType]::ParameterValue, 'For the gateway''s admins')
            [CompletionResult]::new('dev', 'dev', [CompletionResultType]::ParameterValue, 'Gateway, agent, issuer and demo upstreams in one process on loopback')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for your shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the man pages into a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;login' {
            [CompletionResult]::new('--workload', '--workload', [CompletionResultType]::ParameterName, 'Log in as a workload; the source is detected when none is named (github, file:PATH, env:NAME)')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Trust the gateway by this CA certificate (PEM)')
            [CompletionResult]::new('--pin', '--pin', [CompletionResultType]::ParameterName, 'Trust the gateway by the SHA-256 of its CA''s public key, in hex, as `hoop-gateway run` prints it')
            [CompletionResult]::new('--server-name', '--server-name', [CompletionResultType]::ParameterName, 'The name in the gateway''s certificate, where it differs from HOST')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'Print the address to open and start no browser')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;logout' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;whoami' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--claims', '--claims', [CompletionResultType]::ParameterName, 'Also show what the identity provider said of you')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;status' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;context' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the gateways you know')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make NAME the current one')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a gateway without logging in')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Forget a gateway and the login there')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;context;list' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;context;use' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;context;add' {
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'ca-file')
            [CompletionResult]::new('--pin', '--pin', [CompletionResultType]::ParameterName, 'pin')
            [CompletionResult]::new('--server-name', '--server-name', [CompletionResultType]::ParameterName, 'server-name')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;context;remove' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;context;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the gateways you know')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make NAME the current one')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a gateway without logging in')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Forget a gateway and the login there')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;context;help;list' {
            break
        }
        'hoopctl;context;help;use' {
            break
        }
        'hoopctl;context;help;add' {
            break
        }
        'hoopctl;context;help;remove' {
            break
        }
        'hoopctl;context;help;help' {
            break
        }
        'hoopctl;connections' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;connect' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Loopback address of the listener; port 0 takes any free one')
            [CompletionResult]::new('--client', '--client', [CompletionResultType]::ParameterName, 'Print the settings of this client alone; for MCP curl or env, for Snowflake any')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why: goes into the trail, and policies may ask for it')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--exec', '--exec', [CompletionResultType]::ParameterName, 'Run the command after `--` with the settings in its environment, for Snowflake also in a `connections.toml` of its own; its exit code becomes ours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;mcp' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Speak MCP on stdin and stdout: for editors and assistants to start')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Enter connections into an editor''s or an assistant''s own settings')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;mcp;connect' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'reason')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;mcp;config' {
            [CompletionResult]::new('--client', '--client', [CompletionResultType]::ParameterName, 'Whose settings')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Call the entry ENTRY and not like its connection; for one connection at a time')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Add what is missing to the client''s file and change nothing else in it. The file as it is without hoopctl''s entries is kept beside it, with `.hoopctl-backup` after its name, until --remove takes the last of them out')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Take the entries out of the client''s file: with nothing else changed since --write, it is byte for byte what it was (or gone, if it was not there); what others changed meanwhile stays')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;mcp;help' {
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Speak MCP on stdin and stdout: for editors and assistants to start')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Enter connections into an editor''s or an assistant''s own settings')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;mcp;help;connect' {
            break
        }
        'hoopctl;mcp;help;config' {
            break
        }
        'hoopctl;mcp;help;help' {
            break
        }
        'hoopctl;requests' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Decided ones as well')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one request with its command')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until a request is decided; exit 0 approved, 6 denied, 5 otherwise')
            [CompletionResult]::new('withdraw', 'withdraw', [CompletionResultType]::ParameterValue, 'Take your own request back')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;requests;show' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;requests;wait' {
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this many seconds')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;requests;withdraw' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;requests;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one request with its command')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until a request is decided; exit 0 approved, 6 denied, 5 otherwise')
            [CompletionResult]::new('withdraw', 'withdraw', [CompletionResultType]::ParameterValue, 'Take your own request back')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;requests;help;show' {
            break
        }
        'hoopctl;requests;help;wait' {
            break
        }
        'hoopctl;requests;help;withdraw' {
            break
        }
        'hoopctl;requests;help;help' {
            break
        }
        'hoopctl;approve' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'reason')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--oldest', '--oldest', [CompletionResultType]::ParameterName, 'The request that has waited longest among those you may decide')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;deny' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Told to the requester and kept in the trail')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;sessions' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'How many, the newest first')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only those that began then or later: a date (its beginning, UTC), or a time as RFC 3339 has it')
            [CompletionResult]::new('--before', '--before', [CompletionResultType]::ParameterName, 'Only those that began before this one: the next page')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every exchange of one session')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Show what was asked and what came back, as it went, and verify it meanwhile')
            [CompletionResult]::new('follow', 'follow', [CompletionResultType]::ParameterValue, 'Show a live session as it goes on, from its beginning, until it ends')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write what happened in a session into a folder that others can check without the gateway')
            [CompletionResult]::new('kill', 'kill', [CompletionResultType]::ParameterValue, 'End a live session')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;sessions;show' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;sessions;replay' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'Begin so many seconds after the session''s start')
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'How many times as fast as it was; `max` without waiting')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to show what came back')
            [CompletionResult]::new('--rows', '--rows', [CompletionResultType]::ParameterName, 'Rows shown of a result')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why you look; goes into the trail')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;sessions;follow' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to show what came back')
            [CompletionResult]::new('--rows', '--rows', [CompletionResultType]::ParameterName, 'Rows shown of a result')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why you look; goes into the trail')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;sessions;export' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'A new folder, or an empty one')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why you take it; goes into the trail')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;sessions;kill' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;sessions;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every exchange of one session')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Show what was asked and what came back, as it went, and verify it meanwhile')
            [CompletionResult]::new('follow', 'follow', [CompletionResultType]::ParameterValue, 'Show a live session as it goes on, from its beginning, until it ends')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write what happened in a session into a folder that others can check without the gateway')
            [CompletionResult]::new('kill', 'kill', [CompletionResultType]::ParameterValue, 'End a live session')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;sessions;help;show' {
            break
        }
        'hoopctl;sessions;help;replay' {
            break
        }
        'hoopctl;sessions;help;follow' {
            break
        }
        'hoopctl;sessions;help;export' {
            break
        }
        'hoopctl;sessions;help;kill' {
            break
        }
        'hoopctl;sessions;help;help' {
            break
        }
        'hoopctl;audit' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no record was changed, removed or added')
            [CompletionResult]::new('reconcile', 'reconcile', [CompletionResultType]::ParameterValue, 'Hold Snowflake''s own history against the trail, to find what went round the gateway')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Find the exchanges that hid or showed a given card, by its keyed digest. It takes two people')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Fetch the trail into a folder that third-party tools can check too')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;audit;verify' {
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Remembers the newest verified head and the keys here; a later run finds a rolled-back trail by it')
            [CompletionResult]::new('--trust', '--trust', [CompletionResultType]::ParameterName, 'Only these keys may have signed, one verifier key a line, as `hoopctl admin keys show` prints it')
            [CompletionResult]::new('--head', '--head', [CompletionResultType]::ParameterName, 'A signed head (C2SP checkpoint) that was kept elsewhere; may be given several times')
            [CompletionResult]::new('--siem', '--siem', [CompletionResultType]::ParameterName, 'The copy in a SIEM: its events one JSON document a line; each record in it has to be in the trail')
            [CompletionResult]::new('--agent', '--agent', [CompletionResultType]::ParameterName, 'What an agent signed for, as `hoop-agent receipts` prints it on its machine; may be given several times. All of it has to be in the trail')
            [CompletionResult]::new('--payload-key', '--payload-key', [CompletionResultType]::ParameterName, 'Opens sealed payloads: a key as the gateway''s payload_keys lead to, for its own `trail` folder or a copy of it in object storage; may be given several times. What the gateway sends has no seals')
            [CompletionResult]::new('--witness', '--witness', [CompletionResultType]::ParameterName, 'A witness''s key, NAME+ID+KEY: the trail has to hold every head that it cosigned, of those that come with the trail and of those given with --head. May be given several times')
            [CompletionResult]::new('--quorum', '--quorum', [CompletionResultType]::ParameterName, 'So many of the witnesses have to vouch for the trail; all of them when left out')
            [CompletionResult]::new('--tsa', '--tsa', [CompletionResultType]::ParameterName, 'The certificates of a time stamp authority (RFC 3161), PEM: the trail has to hold every head that it stamped, of those that come with the trail and of those given with --head, beside which their token lies as FILE.tst')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Whoever vouches has to have done so on this day or later: a trail that was cut back has only older heads')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;audit;reconcile' {
            [CompletionResult]::new('--connection', '--connection', [CompletionResultType]::ParameterName, 'The connection whose upstream the history is of')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'QUERY_HISTORY, CSV with a header or JSON')
            [CompletionResult]::new('--logins', '--logins', [CompletionResultType]::ParameterName, 'LOGIN_HISTORY, likewise')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'A user that the agent logs in as; without any, all that the files hold. May be given several times')
            [CompletionResult]::new('--agent-ip', '--agent-ip', [CompletionResultType]::ParameterName, 'An address that Snowflake sees the agent under: logins from elsewhere went round it. May be given several times')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;audit;search' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Goes into the trail')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--pan', '--pan', [CompletionResultType]::ParameterName, 'Search for the card number on standard input')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the searches that have not ended')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Let somebody else''s search happen')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say which exchanges it finds; for who asked and who approved')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;audit;search;list' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;audit;search;approve' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Goes into the trail')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;audit;search;show' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;audit;search;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the searches that have not ended')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Let somebody else''s search happen')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say which exchanges it finds; for who asked and who approved')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;audit;search;help;list' {
            break
        }
        'hoopctl;audit;search;help;approve' {
            break
        }
        'hoopctl;audit;search;help;show' {
            break
        }
        'hoopctl;audit;search;help;help' {
            break
        }
        'hoopctl;audit;export' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'A new folder, or an empty one')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;audit;help' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no record was changed, removed or added')
            [CompletionResult]::new('reconcile', 'reconcile', [CompletionResultType]::ParameterValue, 'Hold Snowflake''s own history against the trail, to find what went round the gateway')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Find the exchanges that hid or showed a given card, by its keyed digest. It takes two people')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Fetch the trail into a folder that third-party tools can check too')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;audit;help;verify' {
            break
        }
        'hoopctl;audit;help;reconcile' {
            break
        }
        'hoopctl;audit;help;search' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the searches that have not ended')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Let somebody else''s search happen')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say which exchanges it finds; for who asked and who approved')
            break
        }
        'hoopctl;audit;help;search;list' {
            break
        }
        'hoopctl;audit;help;search;approve' {
            break
        }
        'hoopctl;audit;help;search;show' {
            break
        }
        'hoopctl;audit;help;export' {
            break
        }
        'hoopctl;audit;help;help' {
            break
        }
        'hoopctl;evidence' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'From when on: a date (its beginning, UTC), or a time as RFC 3339 has it')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Until when: a date (its end, UTC), or a time that is no longer in it')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'A new folder, or an empty one')
            [CompletionResult]::new('--connection', '--connection', [CompletionResultType]::ParameterName, 'Only what is of this connection, or of none')
            [CompletionResult]::new('--trail', '--trail', [CompletionResultType]::ParameterName, 'A copy of the trail in the gateway''s place, as `hoopctl audit verify DIR` takes it; the pack is not sealed then')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'The pack before this one: proves that the log continues what that one was made of')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a pack, without network: files, rows, records and the ten machine checks')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;evidence;verify' {
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Remembers the newest verified head and the keys here; shared with `hoopctl audit verify --state`')
            [CompletionResult]::new('--trust', '--trust', [CompletionResultType]::ParameterName, 'Only these keys may have signed, one verifier key a line, as `hoopctl admin keys show` prints it')
            [CompletionResult]::new('--head', '--head', [CompletionResultType]::ParameterName, 'A signed head (C2SP checkpoint) that was kept elsewhere; may be given several times')
            [CompletionResult]::new('--witness', '--witness', [CompletionResultType]::ParameterName, 'A witness''s key, NAME+ID+KEY: the trail has to hold every head that it cosigned, of those that come with the trail and of those given with --head. May be given several times')
            [CompletionResult]::new('--quorum', '--quorum', [CompletionResultType]::ParameterName, 'So many of the witnesses have to vouch for the trail; all of them when left out')
            [CompletionResult]::new('--tsa', '--tsa', [CompletionResultType]::ParameterName, 'The certificates of a time stamp authority (RFC 3161), PEM: the trail has to hold every head that it stamped, of those that come with the trail and of those given with --head, beside which their token lies as FILE.tst')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Whoever vouches has to have done so on this day or later: a trail that was cut back has only older heads')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;evidence;help' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a pack, without network: files, rows, records and the ten machine checks')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;evidence;help;verify' {
            break
        }
        'hoopctl;evidence;help;help' {
            break
        }
        'hoopctl;admin' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('agents', 'agents', [CompletionResultType]::ParameterValue, 'Agents: the programs inside the private networks')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'The key that signs the trail')
            [CompletionResult]::new('holds', 'holds', [CompletionResultType]::ParameterValue, 'Legal holds: recordings that are kept whatever their age')
            [CompletionResult]::new('tools', 'tools', [CompletionResultType]::ParameterValue, 'Tools of MCP servers: what they say, and whether it was reviewed')
            [CompletionResult]::new('alerts', 'alerts', [CompletionResultType]::ParameterValue, 'What the automatic review of the trail found, and what was said of it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;agents' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List agents and whether they are connected')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Make a one-time join token for a new agent')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove an agent and end its tunnel')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;agents;list' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;agents;add' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;agents;remove' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;agents;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List agents and whether they are connected')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Make a one-time join token for a new agent')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove an agent and end its tunnel')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;agents;help;list' {
            break
        }
        'hoopctl;admin;agents;help;add' {
            break
        }
        'hoopctl;admin;agents;help;remove' {
            break
        }
        'hoopctl;admin;agents;help;help' {
            break
        }
        'hoopctl;admin;keys' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the verifier key that signs the trail, for `hoopctl audit verify --trust` and other programs')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Have a new key sign the trail from now on, after a record of the change that both sign')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;keys;show' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;keys;rotate' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;keys;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the verifier key that signs the trail, for `hoopctl audit verify --trust` and other programs')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Have a new key sign the trail from now on, after a record of the change that both sign')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;keys;help;show' {
            break
        }
        'hoopctl;admin;keys;help;rotate' {
            break
        }
        'hoopctl;admin;keys;help;help' {
            break
        }
        'hoopctl;admin;holds' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the holds in force')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Keep the recordings of a session, or of a whole connection, whatever their age')
            [CompletionResult]::new('release', 'release', [CompletionResultType]::ParameterValue, 'End a hold: what it kept goes once its time is over')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;holds;list' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;holds;add' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'session')
            [CompletionResult]::new('--connection', '--connection', [CompletionResultType]::ParameterName, 'connection')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Goes into the trail')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;holds;release' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Goes into the trail')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;holds;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the holds in force')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Keep the recordings of a session, or of a whole connection, whatever their age')
            [CompletionResult]::new('release', 'release', [CompletionResultType]::ParameterValue, 'End a hold: what it kept goes once its time is over')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;holds;help;list' {
            break
        }
        'hoopctl;admin;holds;help;add' {
            break
        }
        'hoopctl;admin;holds;help;release' {
            break
        }
        'hoopctl;admin;holds;help;help' {
            break
        }
        'hoopctl;admin;tools' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List tools: those that are pinned, and those that are new or changed and therefore hidden')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Show what a hidden tool says now and what it said before, and let it in or not')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;tools;list' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;tools;review' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--approve', '--approve', [CompletionResultType]::ParameterName, 'Pin the definition that is shown: from now on it is the one that may be used')
            [CompletionResult]::new('--reject', '--reject', [CompletionResultType]::ParameterName, 'Leave it hidden, and do not ask again unless it changes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;tools;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List tools: those that are pinned, and those that are new or changed and therefore hidden')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Show what a hidden tool says now and what it said before, and let it in or not')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;tools;help;list' {
            break
        }
        'hoopctl;admin;tools;help;review' {
            break
        }
        'hoopctl;admin;tools;help;help' {
            break
        }
        'hoopctl;admin;alerts' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Closed ones as well')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one alert: what was found, in which records, and what was said of it')
            [CompletionResult]::new('ack', 'ack', [CompletionResultType]::ParameterValue, 'Say that you know of it')
            [CompletionResult]::new('close', 'close', [CompletionResultType]::ParameterValue, 'Say that it is dealt with; without an acknowledgement before, a reason is needed')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;alerts;show' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;alerts;ack' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Kept in the trail, masked')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;alerts;close' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Kept in the trail, masked')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;admin;alerts;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one alert: what was found, in which records, and what was said of it')
            [CompletionResult]::new('ack', 'ack', [CompletionResultType]::ParameterValue, 'Say that you know of it')
            [CompletionResult]::new('close', 'close', [CompletionResultType]::ParameterValue, 'Say that it is dealt with; without an acknowledgement before, a reason is needed')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;alerts;help;show' {
            break
        }
        'hoopctl;admin;alerts;help;ack' {
            break
        }
        'hoopctl;admin;alerts;help;close' {
            break
        }
        'hoopctl;admin;alerts;help;help' {
            break
        }
        'hoopctl;admin;help' {
            [CompletionResult]::new('agents', 'agents', [CompletionResultType]::ParameterValue, 'Agents: the programs inside the private networks')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'The key that signs the trail')
            [CompletionResult]::new('holds', 'holds', [CompletionResultType]::ParameterValue, 'Legal holds: recordings that are kept whatever their age')
            [CompletionResult]::new('tools', 'tools', [CompletionResultType]::ParameterValue, 'Tools of MCP servers: what they say, and whether it was reviewed')
            [CompletionResult]::new('alerts', 'alerts', [CompletionResultType]::ParameterValue, 'What the automatic review of the trail found, and what was said of it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;admin;help;agents' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List agents and whether they are connected')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Make a one-time join token for a new agent')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove an agent and end its tunnel')
            break
        }
        'hoopctl;admin;help;agents;list' {
            break
        }
        'hoopctl;admin;help;agents;add' {
            break
        }
        'hoopctl;admin;help;agents;remove' {
            break
        }
        'hoopctl;admin;help;keys' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the verifier key that signs the trail, for `hoopctl audit verify --trust` and other programs')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Have a new key sign the trail from now on, after a record of the change that both sign')
            break
        }
        'hoopctl;admin;help;keys;show' {
            break
        }
        'hoopctl;admin;help;keys;rotate' {
            break
        }
        'hoopctl;admin;help;holds' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the holds in force')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Keep the recordings of a session, or of a whole connection, whatever their age')
            [CompletionResult]::new('release', 'release', [CompletionResultType]::ParameterValue, 'End a hold: what it kept goes once its time is over')
            break
        }
        'hoopctl;admin;help;holds;list' {
            break
        }
        'hoopctl;admin;help;holds;add' {
            break
        }
        'hoopctl;admin;help;holds;release' {
            break
        }
        'hoopctl;admin;help;tools' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List tools: those that are pinned, and those that are new or changed and therefore hidden')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Show what a hidden tool says now and what it said before, and let it in or not')
            break
        }
        'hoopctl;admin;help;tools;list' {
            break
        }
        'hoopctl;admin;help;tools;review' {
            break
        }
        'hoopctl;admin;help;alerts' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one alert: what was found, in which records, and what was said of it')
            [CompletionResult]::new('ack', 'ack', [CompletionResultType]::ParameterValue, 'Say that you know of it')
            [CompletionResult]::new('close', 'close', [CompletionResultType]::ParameterValue, 'Say that it is dealt with; without an acknowledgement before, a reason is needed')
            break
        }
        'hoopctl;admin;help;alerts;show' {
            break
        }
        'hoopctl;admin;help;alerts;ack' {
            break
        }
        'hoopctl;admin;help;alerts;close' {
            break
        }
        'hoopctl;admin;help;help' {
            break
        }
        'hoopctl;dev' {
            [CompletionResult]::new('--snowflake', '--snowflake', [CompletionResultType]::ParameterName, 'A real Snowflake in the demo one''s place; credentials from SNOWFLAKE_USER and SNOWFLAKE_PASSWORD')
            [CompletionResult]::new('--mcp', '--mcp', [CompletionResultType]::ParameterName, 'A real streamable-HTTP MCP server in the demo one''s place; a bearer token for it from MCP_TOKEN')
            [CompletionResult]::new('--mcp-stdio', '--mcp-stdio', [CompletionResultType]::ParameterName, 'A command that speaks MCP on stdio')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Keep the data here instead of in a temporary folder')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Drive the whole story once in this terminal; exit 0 only if each step held')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;completions' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;man' {
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Which gateway, by the name that `hoopctl context list` shows')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print: words for people, or stable JSON for scripts')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'hoopctl;help' {
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in: a person through the browser, a CI job through its workload token')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'End the login here, at the gateway and at the identity provider')
            [CompletionResult]::new('whoami', 'whoami', [CompletionResultType]::ParameterValue, 'Show whom the gateway takes you for')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether the gateway is there; for its admins and auditors, its agents and its trail')
            [CompletionResult]::new('context', 'context', [CompletionResultType]::ParameterValue, 'Choose between gateways')
            [CompletionResult]::new('connections', 'connections', [CompletionResultType]::ParameterValue, 'List what you may reach, how, and what is held there')
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Open a local listener for a connection')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'MCP for editors and assistants')
            [CompletionResult]::new('requests', 'requests', [CompletionResultType]::ParameterValue, 'List requests for approval: yours, and those you may decide')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Let a held command run, once')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Refuse a held command')
            [CompletionResult]::new('sessions', 'sessions', [CompletionResultType]::ParameterValue, 'List sessions, and what happened in them')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Verify or export the trail')
            [CompletionResult]::new('evidence', 'evidence', [CompletionResultType]::ParameterValue, 'Make evidence of a period for an assessor, or check it')
            [CompletionResult]::new('admin', 'admin', [CompletionResultType]::ParameterValue, 'For the gateway''s admins')
            [CompletionResult]::new('dev', 'dev', [CompletionResultType]::ParameterValue, 'Gateway, agent, issuer and demo upstreams in one process on loopback')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for your shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the man pages into a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'hoopctl;help;login' {
            break
        }
        'hoopctl;help;logout' {
            break
        }
        'hoopctl;help;whoami' {
            break
        }
        'hoopctl;help;status' {
            break
        }
        'hoopctl;help;context' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the gateways you know')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make NAME the current one')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a gateway without logging in')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Forget a gateway and the login there')
            break
        }
        'hoopctl;help;context;list' {
            break
        }
        'hoopctl;help;context;use' {
            break
        }
        'hoopctl;help;context;add' {
            break
        }
        'hoopctl;help;context;remove' {
            break
        }
        'hoopctl;help;connections' {
            break
        }
        'hoopctl;help;connect' {
            break
        }
        'hoopctl;help;mcp' {
            [CompletionResult]::new('connect', 'connect', [CompletionResultType]::ParameterValue, 'Speak MCP on stdin and stdout: for editors and assistants to start')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Enter connections into an editor''s or an assistant''s own settings')
            break
        }
        'hoopctl;help;mcp;connect' {
            break
        }
        'hoopctl;help;mcp;config' {
            break
        }
        'hoopctl;help;requests' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one request with its command')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until a request is decided; exit 0 approved, 6 denied, 5 otherwise')
            [CompletionResult]::new('withdraw', 'withdraw', [CompletionResultType]::ParameterValue, 'Take your own request back')
            break
        }
        'hoopctl;help;requests;show' {
            break
        }
        'hoopctl;help;requests;wait' {
            break
        }
        'hoopctl;help;requests;withdraw' {
            break
        }
        'hoopctl;help;approve' {
            break
        }
        'hoopctl;help;deny' {
            break
        }
        'hoopctl;help;sessions' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every exchange of one session')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Show what was asked and what came back, as it went, and verify it meanwhile')
            [CompletionResult]::new('follow', 'follow', [CompletionResultType]::ParameterValue, 'Show a live session as it goes on, from its beginning, until it ends')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write what happened in a session into a folder that others can check without the gateway')
            [CompletionResult]::new('kill', 'kill', [CompletionResultType]::ParameterValue, 'End a live session')
            break
        }
        'hoopctl;help;sessions;show' {
            break
        }
        'hoopctl;help;sessions;replay' {
            break
        }
        'hoopctl;help;sessions;follow' {
            break
        }
        'hoopctl;help;sessions;export' {
            break
        }
        'hoopctl;help;sessions;kill' {
            break
        }
        'hoopctl;help;audit' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no record was changed, removed or added')
            [CompletionResult]::new('reconcile', 'reconcile', [CompletionResultType]::ParameterValue, 'Hold Snowflake''s own history against the trail, to find what went round the gateway')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Find the exchanges that hid or showed a given card, by its keyed digest. It takes two people')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Fetch the trail into a folder that third-party tools can check too')
            break
        }
        'hoopctl;help;audit;verify' {
            break
        }
        'hoopctl;help;audit;reconcile' {
            break
        }
        'hoopctl;help;audit;search' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the searches that have not ended')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Let somebody else''s search happen')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Say which exchanges it finds; for who asked and who approved')
            break
        }
        'hoopctl;help;audit;search;list' {
            break
        }
        'hoopctl;help;audit;search;approve' {
            break
        }
        'hoopctl;help;audit;search;show' {
            break
        }
        'hoopctl;help;audit;export' {
            break
        }
        'hoopctl;help;evidence' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a pack, without network: files, rows, records and the ten machine checks')
            break
        }
        'hoopctl;help;evidence;verify' {
            break
        }
        'hoopctl;help;admin' {
            [CompletionResult]::new('agents', 'agents', [CompletionResultType]::ParameterValue, 'Agents: the programs inside the private networks')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'The key that signs the trail')
            [CompletionResult]::new('holds', 'holds', [CompletionResultType]::ParameterValue, 'Legal holds: recordings that are kept whatever their age')
            [CompletionResult]::new('tools', 'tools', [CompletionResultType]::ParameterValue, 'Tools of MCP servers: what they say, and whether it was reviewed')
            [CompletionResult]::new('alerts', 'alerts', [CompletionResultType]::ParameterValue, 'What the automatic review of the trail found, and what was said of it')
            break
        }
        'hoopctl;help;admin;agents' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List agents and whether they are connected')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Make a one-time join token for a new agent')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove an agent and end its tunnel')
            break
        }
        'hoopctl;help;admin;agents;list' {
            break
        }
        'hoopctl;help;admin;agents;add' {
            break
        }
        'hoopctl;help;admin;agents;remove' {
            break
        }
        'hoopctl;help;admin;keys' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the verifier key that signs the trail, for `hoopctl audit verify --trust` and other programs')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Have a new key sign the trail from now on, after a record of the change that both sign')
            break
        }
        'hoopctl;help;admin;keys;show' {
            break
        }
        'hoopctl;help;admin;keys;rotate' {
            break
        }
        'hoopctl;help;admin;holds' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the holds in force')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Keep the recordings of a session, or of a whole connection, whatever their age')
            [CompletionResult]::new('release', 'release', [CompletionResultType]::ParameterValue, 'End a hold: what it kept goes once its time is over')
            break
        }
        'hoopctl;help;admin;holds;list' {
            break
        }
        'hoopctl;help;admin;holds;add' {
            break
        }
        'hoopctl;help;admin;holds;release' {
            break
        }
        'hoopctl;help;admin;tools' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List tools: those that are pinned, and those that are new or changed and therefore hidden')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Show what a hidden tool says now and what it said before, and let it in or not')
            break
        }
        'hoopctl;help;admin;tools;list' {
            break
        }
        'hoopctl;help;admin;tools;review' {
            break
        }
        'hoopctl;help;admin;alerts' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one alert: what was found, in which records, and what was said of it')
            [CompletionResult]::new('ack', 'ack', [CompletionResultType]::ParameterValue, 'Say that you know of it')
            [CompletionResult]::new('close', 'close', [CompletionResultType]::ParameterValue, 'Say that it is dealt with; without an acknowledgement before, a reason is needed')
            break
        }
        'hoopctl;help;admin;alerts;show' {
            break
        }
        'hoopctl;help;admin;alerts;ack' {
            break
        }
        'hoopctl;help;admin;alerts;close' {
            break
        }
        'hoopctl;help;dev' {
            break
        }
        'hoopctl;help;completions' {
            break
        }
        'hoopctl;help;man' {
            break
        }
        'hoopctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
