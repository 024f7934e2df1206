package config_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/config"
)

func Example() {
	file, err := config.Parse("environments.yaml", []byte(`
environments:
  prod:
    account: "222222222222"
    region: eu-west-1
    alerts:
      emails: [ai-governance@example.com]
    tags:
      project: paper-trail
      owner: ai-governance
      cost-center: cc-4711
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	prod, err := file.Select("prod")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(prod.Regions(), prod.ObjectLock.Mode, prod.ObjectLock.Days, prod.Removal)
	// Output: [eu-west-1] COMPLIANCE 2557 retain
}

func ExampleParse_problems() {
	_, err := config.Parse("environments.yaml", []byte(`
environments:
  dev:
    removal: destroy
    objectLock:
      mdoe: GOVERNANCE
      days: 0
    tags: {project: paper-trail, owner: ai-platform, cost-center: 4711}
`))
	fmt.Println(err)
	// Output:
	// environments.yaml:6: environments.dev.objectLock.mdoe: unknown key; did you mean "mode"?
	// environments.yaml:7: environments.dev.objectLock.days: want 1 to 36500 days, got 0; seven years are 2557
	// environments.yaml:8: environments.dev.tags.cost-center: want text, got 4711, which YAML takes for a number and may change; quote it: "4711"
}

func ExampleFile_Select() {
	file, err := config.Load("../environments.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = file.Select("porduction")
	fmt.Println(err)
	_, err = file.Select("porsd")
	fmt.Println(err)
	// Output:
	// no environment is called "porduction"; choose from dev, prod, staging
	// no environment is called "porsd"; choose from dev, prod, staging; did you mean "prod"?
}
