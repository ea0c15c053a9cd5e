from segmind_assets.commands import main

main()
